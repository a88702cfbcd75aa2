using Sotto.Crypto;
using Sotto.Relay.Blobs;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;

namespace Sotto.Relay.Operating;

/// <summary>What pruning changed. While a relay runs, its traffic is in the numbers too.</summary>
/// <param name="Before">How much there was.</param>
/// <param name="After">How much is left.</param>
/// <param name="Files">Blob files that went.</param>
public sealed record PruneReport(FolderCounts Before, FolderCounts After, int Files);

/// <summary>
/// Drops what is too old, in portions between which others write. The files do not shrink: what was freed in them is written
/// again. A running relay does it by itself every 15 minutes.
/// </summary>
internal sealed class Pruning(string folder, IAccountStore accounts, IMailboxStore mailboxes, BlobFolder blobs)
{
    /// <summary>Prunes the folder of a relay that does not run.</summary>
    /// <exception cref="StorageException">A relay runs, or the disk refused.</exception>
    public static async Task<PruneReport> RunAsync(string folder, ICryptoProvider crypto, TimeProvider time)
    {
        RelayFolders.RequireRelay(folder);
        using var held = FolderLock.Take(folder);
        UnfinishedRestore.Refuse(folder);
        var accounts = new SqliteAccountStore(folder, time);
        await using var closingAccounts = accounts.ConfigureAwait(false);
        var mailboxes = new SqliteMailboxStore(folder, crypto, time, new(), new Nobody());
        await using var closingMailboxes = mailboxes.ConfigureAwait(false);
        return await new Pruning(folder, accounts, mailboxes, BlobFolder.Open(folder)).RunAsync().ConfigureAwait(false);
    }

    /// <summary>Drops what is too old in both planes, and blob files that no row names.</summary>
    public async Task<PruneReport> RunAsync()
    {
        var before = FolderCounts.Read(folder);
        await accounts.MaintainAsync().ConfigureAwait(false);
        await mailboxes.MaintainAsync().ConfigureAwait(false);
        var files = await DropExpiredAsync().ConfigureAwait(false) + DropUnnamed();
        return new(before, FolderCounts.Read(folder), files);
    }

    /// <summary>What a relay does every 15 minutes.</summary>
    public async Task MaintainAsync()
    {
        await accounts.MaintainAsync().ConfigureAwait(false);
        await mailboxes.MaintainAsync().ConfigureAwait(false);
        await DropExpiredAsync().ConfigureAwait(false);
    }

    private async Task<int> DropExpiredAsync()
    {
        var dropped = 0;
        while (await mailboxes.DropExpiredBlobsAsync().ConfigureAwait(false) is { Count: > 0 } expired)
        {
            foreach (var address in expired)
                blobs.Delete(address);
            dropped += expired.Count;
        }

        return dropped;
    }

    /// <summary>A row is there before its file, so a file that was seen before the rows were read and has none is left from a crash.</summary>
    private int DropUnnamed()
    {
        var there = blobs.Names();
        var named = BlobRows.Read(folder).Select(BlobFolder.NameOf).ToHashSet(StringComparer.Ordinal);
        var unnamed = there.Where(name => !named.Contains(name)).ToList();
        foreach (var name in unnamed)
            blobs.Delete(name);
        return unnamed.Count;
    }

    /// <summary>No stream is open while a relay does not run.</summary>
    private sealed class Nobody : IMailboxEvents
    {
        public void Appended(Channels.ChannelKey channel, Channels.StoredEntry entry)
        {
            // Nobody listens.
        }

        public void Dropped(Channels.ChannelKey channel, Wire.Bytes16 mailbox, ulong sequence)
        {
            // Nobody listens.
        }
    }
}
