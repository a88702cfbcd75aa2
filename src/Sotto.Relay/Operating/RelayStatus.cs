using Sotto.Crypto;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;

namespace Sotto.Relay.Operating;

/// <summary>What a running relay says of itself.</summary>
/// <param name="Health"><c>ready</c>, or what stands in the way.</param>
/// <param name="Streams">Open streams.</param>
/// <param name="UptimeSeconds">Since its start.</param>
public sealed record RelayNow(string Health, int Streams, long UptimeSeconds);

/// <summary>The state of a relay's folder: numbers, sizes and the operator's own settings, of nobody's account.</summary>
/// <param name="Folder">Where.</param>
/// <param name="Running">Whether a process has the folder.</param>
/// <param name="Now">What that process says; null when it does not run or cannot be asked.</param>
/// <param name="Address">HOST:PORT that links carry; null when it never started.</param>
/// <param name="Fingerprint">The relay's, in hexadecimal.</param>
/// <param name="Counts">What lies in the databases.</param>
/// <param name="DatabaseBytes">Size of both files and their logs.</param>
/// <param name="BlobBytes">Size of the blobs.</param>
/// <param name="FreeBytes">What is free on the disk; null when it cannot be told.</param>
public sealed record RelayStatus(
    string Folder, bool Running, RelayNow? Now, string? Address, string Fingerprint, FolderCounts Counts, long DatabaseBytes, long BlobBytes, long? FreeBytes)
{
    /// <summary>Looks at a folder, and asks the relay in it if one runs.</summary>
    /// <exception cref="SettingsException">There is no relay.</exception>
    /// <exception cref="StorageException">A file cannot be read.</exception>
    public static async Task<RelayStatus> ReadAsync(string folder, ICryptoProvider crypto, CancellationToken cancellationToken)
    {
        RelayFolders.RequireRelay(folder);
        using var identity = RelayIdentity.OpenOrCreate(crypto, folder);
        var now = await OperatorClient.AskAsync(folder, cancellationToken).ConfigureAwait(false);
        return new(
            folder, now is not null || IsHeld(folder), now, RelayPlace.Of(folder)?.Address, Convert.ToHexStringLower(identity.Fingerprint.ToArray()),
            FolderCounts.Read(folder), DatabaseBytesIn(folder), RelayFolders.CountBlobs(folder).Bytes, Free(folder));
    }

    private static bool IsHeld(string folder)
    {
        try
        {
            FolderLock.Take(folder).Dispose();
            return false;
        }
        catch (StorageException held) when (held.Failure == StorageFailure.InUse)
        {
            return true;
        }
    }

    private static long DatabaseBytesIn(string folder) => new DirectoryInfo(folder).EnumerateFiles("*.db*").Sum(file => file.Length);

    private static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
