using Sotto.Relay.Channels;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>How much a channel may hold and how long.</summary>
internal sealed partial class MailboxTables
{
    private const int UnclaimedDays = 60;
    private const int DroppedDays = 30;
    private const int RecentDays = 7;

    /// <summary>Days that answers stay: 48 hours and the rest of the day.</summary>
    private const int AnswerDays = 3;

    private const int ChannelsInGroup = 200;

    private static readonly string[] TablesOfChannel = ["entries", "answers", "lanes", "channels"];

    private SqliteStatement _dayOfEntry = null!;
    private SqliteStatement _nextChannels = null!;
    private SqliteStatement _deleteExpired = null!;
    private SqliteStatement _firstEntry = null!;
    private SqliteStatement _deleteAnswers = null!;
    private SqliteStatement _deleteMailboxes = null!;
    private SqliteStatement _countMailboxes = null!;
    private SqliteStatement[] _deleteChannel = null!;
    private SqliteStatement _deleteBatches = null!;
    private SqliteStatement _deleteReservations = null!;
    private SqliteStatement _overlaps = null!;

    /// <summary>Goes over some channels and deletes what is too old in them.</summary>
    /// <param name="after">Where the last call ended, at first 0.</param>
    /// <returns>Where to go on, null when every channel was seen.</returns>
    public long? Maintain(long after)
    {
        if (after == 0)
        {
            _deleteBatches.Start().With(Today - AnswerDays).Run();
            _deleteReservations.Start().With(ThisHour).Run();
        }

        var keys = new List<ChannelKey>();
        _nextChannels.Start().With(after).With(ChannelsInGroup);
        while (_nextChannels.Next())
            keys.Add(new(_nextChannels.Integer(0)));
        foreach (var key in keys)
            Maintain(key);
        return keys.Count == ChannelsInGroup ? keys[^1].Value : null;
    }

    /// <summary>
    /// When a capability's overlap is over, its hash and the time go: a copy of the file does not show when commits were made.
    /// </summary>
    public bool EndOverlaps()
    {
        var ended = new List<ChannelKey>();
        _overlaps.Start().With(Now).With(ChannelsInGroup);
        while (_overlaps.Next())
            ended.Add(new(_overlaps.Integer(0)));
        foreach (var channel in ended.Select(Find).OfType<ChannelState>())
        {
            channel.PreviousWriteHash = null;
            channel.OverlapUntil = 0;
            Save(channel);
        }

        return ended.Count == ChannelsInGroup;
    }

    private void PrepareRetention()
    {
        _dayOfEntry = _connection.Prepare("SELECT day FROM entries WHERE channel = ? AND sequence > ? ORDER BY sequence LIMIT 1");
        _nextChannels = _connection.Prepare("SELECT channel FROM channels WHERE channel > ? ORDER BY channel LIMIT ?");
        _deleteExpired = _connection.Prepare("DELETE FROM entries WHERE channel = ? AND keep_until < ?");
        _firstEntry = _connection.Prepare("SELECT min(sequence) FROM entries WHERE channel = ?");
        _deleteAnswers = _connection.Prepare("DELETE FROM answers WHERE channel = ? AND day < ?");
        _deleteMailboxes = _connection.Prepare("""
            DELETE FROM mailboxes WHERE channel = ?
                AND ((read_hash IS NULL AND dropped_at IS NULL AND day < ?) OR (dropped_at IS NOT NULL AND day < ?))
            """);
        _countMailboxes = _connection.Prepare("SELECT count(*) FROM mailboxes WHERE channel = ?");
        _deleteChannel = [.. TablesOfChannel.Select(table => _connection.Prepare($"DELETE FROM {table} WHERE channel = ?"))];
        _deleteBatches = _connection.Prepare("DELETE FROM voucher_batches WHERE day < ?");
        _deleteReservations = _connection.Prepare("DELETE FROM reservations WHERE expires_hour <= ?");
        _overlaps = _connection.Prepare("SELECT channel FROM channels WHERE overlap_until != 0 AND overlap_until <= ? LIMIT ?");
    }

    private void Maintain(ChannelKey key)
    {
        _deleteExpired.Start().With(key.Value).With(Today).Run();
        var changed = _connection.Changes > 0;
        _deleteAnswers.Start().With(key.Value).With(Today - AnswerDays).Run();
        changed |= _connection.Changes > 0;
        _deleteMailboxes.Start().With(key.Value).With(Today - UnclaimedDays).With(Today - DroppedDays).Run();
        var fewer = _connection.Changes > 0;
        if (fewer && Count(_countMailboxes.Start().With(key.Value)) == 0)
            DeleteChannel(key);
        else if (changed || fewer)
            Reload(key);
    }

    /// <summary>Nobody can read it or ever will: a channel without mailboxes has no writer that could add one.</summary>
    private void DeleteChannel(ChannelKey key)
    {
        if (_byKey.TryGetValue(key, out var channel))
            Forget(channel);
        foreach (var delete in _deleteChannel)
            delete.Start().With(key.Value).Run();
    }

    /// <summary>Rows went, so what memory knows of the channel is read again, and its first sequence moves to what is left.</summary>
    private void Reload(ChannelKey key)
    {
        if (_byKey.TryGetValue(key, out var known))
        {
            Release(known);
            Save(known);
            Forget(known);
        }

        if (Find(key) is not { } channel)
            return;
        _firstEntry.Start().With(key.Value).Next();
        var first = (ulong?)_firstEntry.OptionalInteger(0) ?? channel.Settled + 1;
        _firstEntry.Reset();
        channel.FirstSequence = Math.Max(channel.FirstSequence, first);
        Save(channel);
    }

    /// <summary>
    /// A full channel first lets go of what everybody has; then it cuts off mailboxes that are more than a week behind;
    /// when all are recent it takes nothing more and drops nothing.
    /// </summary>
    private void RequireRoom(ChannelState channel, int size)
    {
        if (HasRoom(channel, size))
            return;
        Release(channel);
        if (HasRoom(channel, size))
            return;
        var recent = channel.Mailboxes.Values.Where(mailbox => mailbox.NeedsAfter != ulong.MaxValue && !IsFarBehind(channel, mailbox)).ToList();
        if (recent.Count == channel.Mailboxes.Count)
            throw new RelayException(RelayProblem.ChannelFull);
        LetGo(channel, recent.Count == 0 ? channel.Settled : recent.Min(mailbox => mailbox.Cursor));
        if (!HasRoom(channel, size))
            throw new RelayException(RelayProblem.ChannelFull);
    }

    private bool HasRoom(ChannelState channel, int size) =>
        channel.Backlog < _limits.ChannelEntries && channel.BacklogBytes + size <= _limits.ChannelBytes;

    private bool IsFarBehind(ChannelState channel, MailboxState mailbox)
    {
        var behind = _dayOfEntry.Start().With(channel.Key.Value).With(mailbox.Cursor).Next() && _dayOfEntry.Integer(0) < Today - RecentDays;
        _dayOfEntry.Reset();
        return behind;
    }
}
