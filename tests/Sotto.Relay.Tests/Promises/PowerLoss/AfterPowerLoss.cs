using System.Buffers.Binary;
using System.Text;
using Sotto.Relay.Blobs;
using Sotto.Relay.Channels;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>Opens what a power loss left, as a relay that starts again would, and looks for everything that clients were told.</summary>
internal sealed class AfterPowerLoss(string folder)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    /// <summary>What is lost or damaged; null when nothing is.</summary>
    public async Task<string?> FindLossAsync(IReadOnlyCollection<(string What, byte[][] Values)> told)
    {
        try
        {
            var time = new TestClock(Now);
            await using var mailboxes = new SqliteMailboxStore(folder, TestRelay.Crypto, time, new(), new NobodyListens());
            await using var accounts = new SqliteAccountStore(folder, time);
            if (told.Count > 0)
                CheckIdentity(told);
            foreach (var channel in told.Where(line => line.What == "channel"))
                await CheckChannelAsync(mailboxes, channel.Values, told);
            foreach (var (what, values) in told)
                await CheckAsync(accounts, mailboxes, what, values);
            CheckIntegrity(AccountSchema.FileName);
            CheckIntegrity(MailboxSchema.FileName);
            return null;
        }
        catch (Exception e) when (e is StorageException or RelayException or LossException or IOException)
        {
            return e.Message;
        }
    }

    private void CheckIdentity(IReadOnlyCollection<(string What, byte[][] Values)> told)
    {
        using var identity = RelayIdentity.OpenOrCreate(TestRelay.Crypto, folder);
        Require(identity.Key == new Bytes32(told.First(line => line.What == "relay").Values[0]), "the identity");
    }

    private static async Task CheckChannelAsync(SqliteMailboxStore store, byte[][] channel, IReadOnlyCollection<(string What, byte[][] Values)> told)
    {
        var opened = await store.OpenAsync(new(new(channel[0]), new(channel[1]), new(channel[2])));
        var there = new Dictionary<ulong, byte[]>();
        for (var page = await ReadAsync(store, opened, 0); page.Entries.Count > 0; page = await ReadAsync(store, opened, (ulong)there.Count))
        {
            foreach (var entry in page.Entries)
                there.Add(entry.Sequence, Bytes.Hash(Entry.Parser.ParseFrom(entry.Bytes).Payload.ToByteArray()));
        }

        Require((ulong)there.Count == opened.Head, "the order of a channel");
        foreach (var (_, values) in told.Where(line => line.What == "post" && line.Values[0].SequenceEqual(channel[0])))
            Require(there.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(values[1]), out var payload) && payload.SequenceEqual(values[2]), "a post");
    }

    private static async Task<EntryPage> ReadAsync(SqliteMailboxStore store, OpenedMailbox opened, ulong after) =>
        await store.ReadAsync(opened.Channel, after, opened.Head, int.MaxValue, CancellationToken.None);

    private async Task CheckAsync(SqliteAccountStore accounts, SqliteMailboxStore mailboxes, string what, byte[][] values)
    {
        switch (what)
        {
            case "account":
                Require((await accounts.ReadDirectoryAsync(new(values[0]), new(null), 0, CancellationToken.None)).Lists.Length == 1, "an account");
                break;
            case "claim":
                var packages = await accounts.ClaimAsync(new(values[0]), new(values[1]), new(values[2]));
                Require(Bytes.Hash(packages[0].Package!).SequenceEqual(values[3]), "a claim");
                break;
            case "record":
                var recovery = await accounts.ReadRecoveryAsync(new(values[0]), CancellationToken.None);
                Require(Bytes.Hash(recovery!.Records[0]).SequenceEqual(values[1]), "a recovery record");
                break;
            case "voucher":
                using (var file = SqliteConnection.Open(Path.Combine(folder, MailboxSchema.FileName), readOnly: true))
                    Require(file.Scalar($"SELECT count(*) FROM vouchers WHERE hash = x'{Convert.ToHexString(values[0])}'") == 1, "a voucher");
                break;
            case "blob":
                var address = new BlobAddress(new(values[0]), new(values[1]));
                Require((await mailboxes.FindBlobAsync(address, new(values[2]))).IsComplete, "that a blob is whole");
                using (var content = BlobFolder.Open(folder).OpenForReading(address))
                    Require((await System.Security.Cryptography.SHA256.HashDataAsync(content)).SequenceEqual(values[3]), "a blob");
                break;
        }
    }

    private void CheckIntegrity(string file)
    {
        using var connection = SqliteConnection.Open(Path.Combine(folder, file), readOnly: true);
        using var check = connection.PrepareOnce("PRAGMA integrity_check");
        check.Start().Next();
        Require(Encoding.UTF8.GetString(check.Blob(0)) == "ok", "the integrity of " + file);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new LossException($"Lost: {what}.");
    }

    private sealed class LossException(string message) : Exception(message);

    private sealed class NobodyListens : IMailboxEvents
    {
        public void Appended(ChannelKey channel, StoredEntry entry)
        {
            // Nobody is connected.
        }

        public void Dropped(ChannelKey channel, Bytes16 mailbox, ulong sequence)
        {
            // Nobody is connected.
        }
    }
}
