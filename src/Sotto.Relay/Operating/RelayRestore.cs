using Sotto.Crypto;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite.Mailbox;

namespace Sotto.Relay.Operating;

/// <summary>
/// Makes a relay's folder from a backup. The relay gets a new incarnation, by which clients see that it forgot what came after
/// the backup, and for 24 hours its channels take only commits with a receipt of an earlier incarnation (docs/protocol/relay.md).
/// </summary>
public static class RelayRestore
{
    /// <summary>How long a restored channel asks for receipts.</summary>
    public static TimeSpan Window => TimeSpan.FromHours(24);

    /// <summary>Restores a backup.</summary>
    /// <param name="backup">What <see cref="RelayBackup"/> made.</param>
    /// <param name="folder">The relay's: not there, or empty.</param>
    /// <param name="crypto">For the incarnation.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SettingsException">The folder holds something.</exception>
    /// <exception cref="StorageException">The backup is not whole, or the disk refused. No relay starts on what is left.</exception>
    public static BackupManifest Restore(string backup, string folder, ICryptoProvider crypto, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(time);
        var manifest = BackupManifest.Read(backup);
        RequireWhole(backup, manifest);
        RelayFolders.MakeEmpty(folder);
        using var unfinished = UnfinishedRestore.Begin(folder);
        RelayFolders.CopyBlobs(backup, folder);
        foreach (var file in manifest.Files)
            RelayFolders.CopyPrivate(Path.Combine(backup, file.Name), Path.Combine(folder, file.Name));
        MailboxRestore.BeginIncarnation(Path.Combine(folder, MailboxSchema.FileName), crypto, time.GetUtcNow() + Window);
        unfinished.End();
        return manifest;
    }

    private static void RequireWhole(string backup, BackupManifest manifest)
    {
        var broken = manifest.Files.FirstOrDefault(file => !file.IsWhole(backup));
        if (broken is not null)
            throw new StorageException(StorageFailure.Damaged, $"{broken.Name} in {backup} is not what was backed up.");
        foreach (var name in BackupFile.Names.Take(3).Where(name => manifest.Files.All(file => file.Name != name)))
            throw new StorageException(StorageFailure.Damaged, $"{name} is missing in {backup}.");
        if (RelayFolders.CountBlobs(backup) != (manifest.Blobs, manifest.BlobBytes))
            throw new StorageException(StorageFailure.Damaged, $"Blobs are missing in {backup}, or have another size than they had.");
    }
}
