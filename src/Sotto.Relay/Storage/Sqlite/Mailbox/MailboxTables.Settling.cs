using System.Runtime.InteropServices;
using Sotto.Relay.Channels;
using Sotto.Wire;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>
/// Settling: the oldest rows of the log go where they stay, by channel. What every mailbox has acknowledged by then leaves
/// only its idempotency id. Acknowledgements themselves are written here, once for many of them.
/// </summary>
internal sealed partial class MailboxTables
{
    private const int SettleAbove = 20_000;
    private const long SettleAboveBytes = 32 * 1024 * 1024;
    private const int SettleInGroup = 512;

    /// <summary>When rows come faster than they settle: rows of one channel that are settled together share pages.</summary>
    private const int SettleInGroupUnderLoad = 2048;

    private readonly Lock _acknowledgedGate = new();
    private readonly HashSet<ChannelKey> _ahead = [];

    /// <summary>Acknowledgements that were taken and are not durable: a group that is rolled back must not lose them.</summary>
    private readonly Dictionary<(ChannelKey Channel, Bytes16 Mailbox), ulong> _unsaved = [];
    private readonly List<(ChannelKey Channel, Bytes16 Mailbox)> _savedInGroup = [];
    private Dictionary<(ChannelKey Channel, Bytes16 Mailbox), ulong> _acknowledged = [];
    private int _settledInGroup;
    private SqliteStatement _deleteLog = null!;
    private SqliteStatement _saveCursor = null!;
    private SqliteStatement _deleteReleased = null!;
    private SqliteStatement _sizeOfReleased = null!;

    /// <summary>From any thread: a reader has everything up to a sequence. Losing this in a crash costs a repetition.</summary>
    public void Acknowledge(ChannelKey channel, Bytes16 mailbox, ulong sequence)
    {
        lock (_acknowledgedGate)
            Raise(_acknowledged, (channel, mailbox), sequence);
    }

    /// <summary>Settles rows of a certain age, writes cursors, and lets go of what everybody has.</summary>
    /// <param name="age">How long rows wait for acknowledgements.</param>
    /// <returns>Whether there is more to settle.</returns>
    public bool SettleOlderThan(TimeSpan age)
    {
        var before = _time.GetTimestamp() - (long)(age.TotalSeconds * _time.TimestampFrequency);
        var more = Settle(SettleInGroup, before);
        foreach (var key in _ahead)
            Release(_byKey[key]);
        _ahead.Clear();
        if (_byId.Count > CachedChannels || _answersKnown > CachedAnswers)
            Forget();
        return more;
    }

    private void PrepareSettling()
    {
        _deleteLog = _connection.Prepare("DELETE FROM log WHERE id <= ?");
        _saveCursor = _connection.Prepare("UPDATE mailboxes SET cursor = ? WHERE channel = ? AND mailbox = ?");
        _deleteReleased = _connection.Prepare("DELETE FROM entries WHERE channel = ? AND sequence <= ?");
        _sizeOfReleased = _connection.Prepare("SELECT total(length(body)) FROM entries WHERE channel = ? AND sequence <= ?");
    }

    private void TakeAcknowledgements()
    {
        Dictionary<(ChannelKey Channel, Bytes16 Mailbox), ulong> taken;
        lock (_acknowledgedGate)
        {
            if (_acknowledged.Count == 0)
                return;
            (taken, _acknowledged) = (_acknowledged, []);
        }

        foreach (var ((key, id), sequence) in taken)
        {
            if (Find(key) is not { } channel || !channel.Mailboxes.TryGetValue(id, out var mailbox))
                continue;
            var last = Math.Min(sequence, mailbox.DroppedAt ?? channel.Head);
            if (last <= mailbox.Cursor)
                continue;
            mailbox.Cursor = last;
            mailbox.CursorIsAhead = true;
            Raise(_unsaved, (key, id), last);
            _ahead.Add(key);
        }
    }

    /// <summary>Cursors that this group wrote are durable.</summary>
    private void ForgetSaved()
    {
        foreach (var saved in _savedInGroup)
            _unsaved.Remove(saved);
        _savedInGroup.Clear();
    }

    /// <summary>What was acknowledged is taken again with the next group.</summary>
    private void TakeBackAcknowledgements()
    {
        lock (_acknowledgedGate)
        {
            foreach (var (mailbox, sequence) in _unsaved)
                Raise(_acknowledged, mailbox, sequence);
        }

        _unsaved.Clear();
        _savedInGroup.Clear();
    }

    private static void Raise(Dictionary<(ChannelKey Channel, Bytes16 Mailbox), ulong> sequences, (ChannelKey Channel, Bytes16 Mailbox) mailbox, ulong sequence)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(sequences, mailbox, out _);
        last = Math.Max(last, sequence);
    }

    /// <summary>A group settles once, because memory lets go of the rows when the group is durable.</summary>
    /// <returns>Whether there is more of that age.</returns>
    private bool Settle(int count, long olderThan)
    {
        if (_settledInGroup > 0)
            return true;
        var rows = _log.Oldest(count, olderThan);
        if (rows.Count == 0)
            return false;
        foreach (var ofChannel in rows.GroupBy(row => row.Channel).OrderBy(rows => rows.Key.Value))
        {
            if (Find(ofChannel.Key) is { } channel)
                Settle(channel, ofChannel);
        }

        _deleteLog.Start().With(rows[^1].Id).Run();
        _settledInGroup = rows.Count;
        return rows.Count == count;
    }

    private void Settle(ChannelState channel, IEnumerable<LogRow> rows)
    {
        Release(channel);
        _ahead.Remove(channel.Key);
        foreach (var row in rows.OrderBy(row => row.Sequence))
        {
            InsertAnswer(channel, row.IdempotencyId, row.Digest, row.Sequence, row.Day);
            if (row.Sequence > channel.Released && row.Sequence >= channel.FirstSequence)
                _insertEntry.Start().With(channel.Key.Value).With(row.Sequence).With(row.KeepUntil).With(row.Day).With((Bytes32?)null).With(row.Body).Run();
            channel.Settled = row.Sequence;
        }

        Save(channel);
    }

    /// <summary>Writes cursors that are ahead of their rows, and deletes what no mailbox needs any more.</summary>
    private void Release(ChannelState channel)
    {
        foreach (var mailbox in channel.Mailboxes.Values)
        {
            if (!mailbox.CursorIsAhead)
                continue;
            _saveCursor.Start().With(mailbox.Cursor).With(channel.Key.Value).With(mailbox.Id).Run();
            CursorSaved(channel, mailbox);
        }

        var durable = Math.Max(channel.Settled, _log.LastSequence(channel.Key));
        var released = Math.Min(channel.AcknowledgedByAll(), durable);
        if (released > channel.Released)
            LetGo(channel, released);
    }

    private void CursorSaved(ChannelState channel, MailboxState mailbox)
    {
        if (mailbox.CursorIsAhead)
            _savedInGroup.Add((channel.Key, mailbox.Id));
        mailbox.CursorIsAhead = false;
    }

    /// <summary>Deletes settled entries up to a sequence; those in the log are left out when they are settled.</summary>
    private void LetGo(ChannelState channel, ulong through)
    {
        if (channel.Backlog > 0 && channel.Released < channel.Settled)
        {
            _sizeOfReleased.Start().With(channel.Key.Value).With(through).Next();
            channel.BacklogBytes -= _sizeOfReleased.Integer(0);
            _sizeOfReleased.Reset();
            _deleteReleased.Start().With(channel.Key.Value).With(through).Run();
            channel.Backlog -= _connection.Changes;
        }

        foreach (var row in _log.Rows(channel.Key))
        {
            if (row.Sequence <= channel.Released || row.Sequence > through)
                continue;
            channel.Backlog--;
            channel.BacklogBytes -= row.Body.Length;
        }

        channel.Released = through;
        if (channel.FirstSequence <= through)
        {
            channel.FirstSequence = through + 1;
            Save(channel);
        }
    }

    private long ReadLog()
    {
        using var read = _connection.PrepareOnce("SELECT id, channel, sequence, day, keep_until, idempotency_id, digest, body FROM log ORDER BY id");
        read.Start();
        var next = 1L;
        while (read.Next())
        {
            var row = new LogRow(
                read.Integer(0), new(read.Integer(1)), read.Number(2), read.Integer(3), read.Integer(4), read.Sixteen(5), read.ThirtyTwo(6), read.Bytes(7), _time.GetTimestamp());
            _log.Stage(row);
            next = row.Id + 1;
        }

        _log.Publish();
        return next;
    }
}
