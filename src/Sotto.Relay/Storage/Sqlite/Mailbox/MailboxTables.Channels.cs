using System.Buffers.Binary;
using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>Making channels, and the vouchers that pay for them.</summary>
internal sealed partial class MailboxTables
{
    private SqliteStatement _insertChannel = null!;
    private SqliteStatement _updateChannel = null!;
    private SqliteStatement _spendVoucher = null!;
    private SqliteStatement _addVoucher = null!;
    private SqliteStatement _addVoucherBatch = null!;

    /// <summary>Makes a channel. Its digest stays with the answers, where the same request again is found.</summary>
    public bool Create(NewChannel request)
    {
        if (Find(request.Channel) is { } existing)
        {
            return FindAnswer(existing, IdOf(request.Digest)) is { } answer && answer.Digest == request.Digest
                ? true
                : throw new RelayException(RelayProblem.Conflict);
        }

        if (!TrySpend(request.TokenHash))
            throw new RelayException(RelayProblem.TokenRefused);
        var channel = Insert(request);
        AddMailbox(channel, new() { Id = request.Mailbox, ReadHash = request.ReadCapabilityHash, Cursor = 0, Day = Today });
        InsertAnswer(channel, IdOf(request.Digest), request.Digest, 0, Today);
        return true;
    }

    /// <summary>Adds hashes of vouchers, unless the same batch was added before.</summary>
    public bool AddVouchers(IReadOnlyList<Bytes32> hashes)
    {
        _addVoucherBatch.Start().With(HashOfBatch(hashes)).With(Today).Run();
        if (_connection.Changes == 0)
            return false;
        foreach (var hash in hashes)
            _addVoucher.Start().With(hash).Run();
        return true;
    }

    private void PrepareChannels()
    {
        _insertChannel = _connection.Prepare("""
            INSERT INTO channels(channel, id, kind, incarnation, next_sequence, first_sequence, number, write_hash, overlap_until, proposals, day)
            VALUES(?, ?, ?, ?, 1, 1, 0, ?, 0, 0, ?)
            """);
        _updateChannel = _connection.Prepare("""
            UPDATE channels SET incarnation = ?, next_sequence = ?, first_sequence = ?, number = ?, write_hash = ?,
                previous_write_hash = ?, overlap_until = ?, proposals = ?
            WHERE channel = ?
            """);
        _spendVoucher = _connection.Prepare("DELETE FROM vouchers WHERE hash = ?");
        _addVoucher = _connection.Prepare("INSERT OR IGNORE INTO vouchers VALUES(?)");
        _addVoucherBatch = _connection.Prepare("INSERT OR IGNORE INTO voucher_batches VALUES(?, ?)");
    }

    private ChannelState Insert(NewChannel request)
    {
        var channel = new ChannelState
        {
            Key = NewKey(),
            Id = request.Channel,
            Kind = request.Kind,
            Incarnation = Incarnation,
            NextSequence = 1,
            FirstSequence = 1,
            Number = 0,
            WriteHash = request.WriteCapabilityHash,
            OverlapUntil = 0,
            Proposals = 0,
        };
        _insertChannel.Start().With(channel.Key.Value).With(channel.Id).With((long)channel.Kind).With(Big(Incarnation))
            .With(channel.WriteHash).With(Today).Run();
        Remember(channel);
        return channel;
    }

    private void Save(ChannelState channel) =>
        _updateChannel.Start().With(Big(channel.Incarnation)).With(channel.NextSequence).With(channel.FirstSequence).With(channel.Number)
            .With(channel.WriteHash).With(channel.PreviousWriteHash).With(channel.OverlapUntil).With(channel.Proposals)
            .With(channel.Key.Value).Run();

    private bool TrySpend(Bytes32 voucherHash)
    {
        _spendVoucher.Start().With(voucherHash).Run();
        return _connection.Changes == 1;
    }

    private ChannelKey NewKey()
    {
        Span<byte> random = stackalloc byte[8];
        while (true)
        {
            _crypto.FillRandom(random);
            var key = new ChannelKey(BinaryPrimitives.ReadInt64BigEndian(random) & long.MaxValue);
            if (key.Value > 0 && Find(key) is null)
                return key;
        }
    }

    private static Bytes16 IdOf(Bytes32 digest) => new(digest.ToArray().AsSpan(0, Bytes16.Length));

    private static Bytes32 HashOfBatch(IReadOnlyList<Bytes32> hashes)
    {
        var all = new byte[hashes.Count * Bytes32.Length];
        foreach (var (index, hash) in hashes.Order().Index())
            hash.CopyTo(all.AsSpan(index * Bytes32.Length));
        return Bytes32.HashOf(all);
    }
}
