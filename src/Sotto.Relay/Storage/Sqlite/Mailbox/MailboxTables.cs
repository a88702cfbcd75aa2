using System.Buffers.Binary;
using Sotto.Crypto;
using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>
/// The mailbox plane's tables and what the writer's thread remembers of them. Every method runs on that thread, inside a
/// group; it checks first and changes after.
/// </summary>
internal sealed partial class MailboxTables : ISqliteTables
{
    private const int CachedChannels = 50_000;

    /// <summary>About 40 bytes each.</summary>
    private const int CachedAnswers = 2_000_000;

    private readonly SqliteConnection _connection;
    private readonly ICryptoProvider _crypto;
    private readonly TimeProvider _time;
    private readonly RelayLimits _limits;
    private readonly RecentLog _log;
    private readonly RequestCounter _strangers;
    private readonly Dictionary<Bytes16, ChannelState> _byId = [];
    private readonly Dictionary<ChannelKey, ChannelState> _byKey = [];
    private readonly SqliteStatement _findChannel;
    private readonly SqliteStatement _readChannel;
    private readonly SqliteStatement _readMailboxes;
    private readonly SqliteStatement _countEntries;
    private readonly SqliteStatement _readAnswers;
    private int _answersKnown;

    public MailboxTables(SqliteConnection connection, ICryptoProvider crypto, TimeProvider time, RelayLimits limits, RecentLog log)
    {
        (_connection, _crypto, _time, _limits, _log) = (connection, crypto, time, limits, log);
        const string columns = "channel, id, kind, incarnation, next_sequence, first_sequence, number, write_hash, previous_write_hash, overlap_until, proposals";
        _strangers = new(Limits.StrangersPerHour, TimeSpan.FromHours(1), time);
        _findChannel = connection.Prepare($"SELECT {columns} FROM channels WHERE id = ?");
        _readChannel = connection.Prepare($"SELECT {columns} FROM channels WHERE channel = ?");
        _readMailboxes = connection.Prepare("SELECT mailbox, claim_hash, read_hash, next_read_hash, cursor, dropped_at, note, wake_token, day FROM mailboxes WHERE channel = ?");
        _countEntries = connection.Prepare("SELECT count(*), total(length(body)) FROM entries WHERE channel = ?");
        _readAnswers = connection.Prepare("SELECT idempotency_id, sequence FROM answers WHERE channel = ?");
        PrepareChannels();
        PreparePosting();
        PrepareMailboxes();
        PrepareLanes();
        PrepareSettling();
        PrepareRetention();
        PrepareBlobs();
        (Incarnation, _restoredUntil) = ReadRelay();
        _nextLogId = ReadLog();
    }

    /// <summary>The relay's incarnation.</summary>
    public ulong Incarnation { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private long Today => Now / 86_400;

    public void BeginGroup()
    {
        TakeAcknowledgements();
        if (_log.Count > SettleAbove || _log.Size > SettleAboveBytes)
            Settle(SettleInGroupUnderLoad, olderThan: long.MaxValue);
    }

    public void GroupCommitted()
    {
        _log.Publish();
        ForgetSaved();
        if (_settledInGroup > 0)
            _log.RemoveOldest(_settledInGroup);
        _settledInGroup = 0;
    }

    public void GroupRolledBack()
    {
        _log.Discard();
        _settledInGroup = 0;
        TakeBackAcknowledgements();
        Forget();
    }

    /// <summary>The channel of an id. Unknown and not allowed are the same answer.</summary>
    private ChannelState Require(Bytes16 id, ChannelKind kind) =>
        Find(id) is { } channel && channel.Kind == kind ? channel : throw Refused();

    private ChannelState? Find(Bytes16 id)
    {
        if (_byId.TryGetValue(id, out var known))
            return known;
        if (_findChannel.Start().With(id).Next())
            return Load(_findChannel);
        return null;
    }

    private ChannelState? Find(ChannelKey key)
    {
        if (_byKey.TryGetValue(key, out var known))
            return known;
        return _readChannel.Start().With(key.Value).Next() ? Load(_readChannel) : null;
    }

    private ChannelState Load(SqliteStatement row)
    {
        var channel = new ChannelState
        {
            Key = new(row.Integer(0)),
            Id = row.Sixteen(1),
            Kind = (ChannelKind)row.Integer(2),
            Incarnation = BinaryPrimitives.ReadUInt64BigEndian(row.Blob(3)),
            NextSequence = row.Number(4),
            FirstSequence = row.Number(5),
            Number = row.Number(6),
            WriteHash = row.ThirtyTwo(7),
            PreviousWriteHash = row.OptionalThirtyTwo(8),
            OverlapUntil = row.Integer(9),
            Proposals = (uint)row.Integer(10),
        };
        row.Reset();
        LoadMailboxes(channel);
        LoadAnswers(channel);
        LoadBacklog(channel);
        Remember(channel);
        return channel;
    }

    private void LoadMailboxes(ChannelState channel)
    {
        _readMailboxes.Start().With(channel.Key.Value);
        while (_readMailboxes.Next())
        {
            var mailbox = new MailboxState
            {
                Id = _readMailboxes.Sixteen(0),
                ClaimHash = _readMailboxes.OptionalThirtyTwo(1),
                ReadHash = _readMailboxes.OptionalThirtyTwo(2),
                NextReadHash = _readMailboxes.OptionalThirtyTwo(3),
                Cursor = _readMailboxes.Number(4),
                DroppedAt = (ulong?)_readMailboxes.OptionalInteger(5),
                Note = _readMailboxes.OptionalBytes(6),
                WakeToken = _readMailboxes.OptionalBytes(7),
                Day = _readMailboxes.Integer(8),
            };
            channel.Mailboxes.Add(mailbox.Id, mailbox);
        }
    }

    private void LoadAnswers(ChannelState channel)
    {
        _readAnswers.Start().With(channel.Key.Value);
        while (_readAnswers.Next())
            channel.Answers.Add(_readAnswers.Sixteen(0), _readAnswers.Number(1));
        _answersKnown += channel.Answers.Count;
    }

    private void LoadBacklog(ChannelState channel)
    {
        var recent = _log.Rows(channel.Key);
        if (recent.Count > 0)
            channel.NextSequence = Math.Max(channel.NextSequence, recent[^1].Sequence + 1);
        channel.Settled = recent.Count > 0 ? recent[0].Sequence - 1 : channel.Head;
        _countEntries.Start().With(channel.Key.Value).Next();
        channel.Backlog = (int)_countEntries.Integer(0) + recent.Count;
        channel.BacklogBytes = _countEntries.Integer(1) + recent.Sum(row => (long)row.Body.Length);
        _countEntries.Reset();
    }

    private void Remember(ChannelState channel)
    {
        _byId.Add(channel.Id, channel);
        _byKey.Add(channel.Key, channel);
    }

    private void Forget()
    {
        _byId.Clear();
        _byKey.Clear();
        _ahead.Clear();
        _answersKnown = 0;
    }

    private void Forget(ChannelState channel)
    {
        _byId.Remove(channel.Id);
        _byKey.Remove(channel.Key);
        _ahead.Remove(channel.Key);
        _answersKnown -= channel.Answers.Count;
    }

    private (ulong Incarnation, long RestoredUntil) ReadRelay()
    {
        using var read = _connection.PrepareOnce("SELECT incarnation, restored_until FROM relay");
        if (read.Start().Next())
        {
            var known = (BinaryPrimitives.ReadUInt64BigEndian(read.Blob(0)), read.Integer(1));
            read.Reset();
            return known;
        }

        Span<byte> incarnation = stackalloc byte[8];
        _crypto.FillRandom(incarnation);
        using var insert = _connection.PrepareOnce("INSERT INTO relay VALUES(1, ?, 0)");
        insert.Start().With(incarnation).Run();
        return (BinaryPrimitives.ReadUInt64BigEndian(incarnation), 0);
    }

    private static RelayException Refused() => new(RelayProblem.Refused);

    private static byte[] Big(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
