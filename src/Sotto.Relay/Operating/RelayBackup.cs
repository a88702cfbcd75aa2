using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;

namespace Sotto.Relay.Operating;

/// <summary>
/// Copies a relay's folder while the relay runs or does not: both databases as of one moment each, the blobs, and the keys. It
/// holds everything that the relay has, its identity too, so it must be kept as the relay's disk is.
/// </summary>
public static class RelayBackup
{
    /// <summary>Makes a backup.</summary>
    /// <param name="folder">The relay's.</param>
    /// <param name="destination">A folder that is not there, or empty.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SettingsException">There is no relay, or the destination holds something.</exception>
    /// <exception cref="StorageException">The disk refused; what was written is gone again.</exception>
    public static BackupManifest Make(string folder, string destination, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        RelayFolders.RequireRelay(folder);
        RelayFolders.MakeEmpty(destination);
        try
        {
            return Copy(folder, destination, time);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            RelayFolders.Clear(destination);
            throw e as StorageException ?? new StorageException(StorageFailure.Disk, $"The backup could not be written: {e.Message}", e);
        }
    }

    /// <summary>
    /// Accounts come first: vouchers are given to the mailbox plane before the account pays, so what is between the two copies
    /// is in nobody's disfavour. Blobs come after the rows that name them.
    /// </summary>
    private static BackupManifest Copy(string folder, string destination, TimeProvider time)
    {
        AccountSchema.Migrations.Copy(Path.Combine(folder, AccountSchema.FileName), Path.Combine(destination, AccountSchema.FileName));
        MailboxSchema.Migrations.Copy(Path.Combine(folder, MailboxSchema.FileName), Path.Combine(destination, MailboxSchema.FileName));
        var (blobs, bytes) = RelayFolders.CopyBlobs(folder, destination);
        foreach (var name in BackupFile.Names.Where(name => !name.EndsWith(".db", StringComparison.Ordinal) && File.Exists(Path.Combine(folder, name))))
            RelayFolders.CopyPrivate(Path.Combine(folder, name), Path.Combine(destination, name));
        var files = BackupFile.Names.Where(name => File.Exists(Path.Combine(destination, name))).Select(name => BackupFile.Of(destination, name)).ToList();
        var manifest = new BackupManifest(BackupManifest.KnownFormat, time.GetUtcNow().ToUnixTimeSeconds(), files, blobs, bytes);
        manifest.Write(destination);
        return manifest;
    }
}
