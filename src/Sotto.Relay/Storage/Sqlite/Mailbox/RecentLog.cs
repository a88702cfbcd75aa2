using Sotto.Relay.Channels;
using Sotto.Wire;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>A row of the log, as memory knows it.</summary>
/// <param name="Id">Rises with each row.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Sequence">The place in the channel.</param>
/// <param name="Day">The Unix day of arrival.</param>
/// <param name="KeepUntil">The last Unix day on which somebody may need it.</param>
/// <param name="IdempotencyId">The post's.</param>
/// <param name="Digest">H of the post.</param>
/// <param name="Body">The entry as readers get it.</param>
/// <param name="Stamp">When it was appended or read back, as the clock's timestamp.</param>
internal sealed record LogRow(
    long Id, ChannelKey Channel, ulong Sequence, long Day, long KeepUntil, Bytes16 IdempotencyId, Bytes32 Digest, byte[] Body, long Stamp);

/// <summary>
/// What lies in the log and is not settled yet: found by idempotency id by the writer, and by sequence by readers. The writer
/// stages rows, and readers see them once they are durable.
/// </summary>
internal sealed class RecentLog
{
    private readonly Lock _gate = new();
    private readonly Queue<LogRow> _order = new();
    private readonly List<LogRow> _staged = [];
    private readonly Dictionary<ChannelKey, List<LogRow>> _byChannel = [];
    private readonly Dictionary<(ChannelKey, Bytes16), LogRow> _byId = [];

    /// <summary>Durable rows.</summary>
    public int Count => _order.Count;

    /// <summary>Size of their bodies.</summary>
    public long Size { get; private set; }

    /// <summary>For the writer: a row that its group has written.</summary>
    public void Stage(LogRow row)
    {
        _staged.Add(row);
        _byId.Add((row.Channel, row.IdempotencyId), row);
    }

    /// <summary>For the writer: the group is durable.</summary>
    public void Publish()
    {
        if (_staged.Count == 0)
            return;
        lock (_gate)
        {
            foreach (var row in _staged)
            {
                _order.Enqueue(row);
                Size += row.Body.Length;
                if (!_byChannel.TryGetValue(row.Channel, out var rows))
                    _byChannel.Add(row.Channel, rows = []);
                rows.Add(row);
            }
        }

        _staged.Clear();
    }

    /// <summary>For the writer: the group was rolled back.</summary>
    public void Discard()
    {
        foreach (var row in _staged)
            _byId.Remove((row.Channel, row.IdempotencyId));
        _staged.Clear();
    }

    /// <summary>For the writer: a post that was taken lately.</summary>
    public LogRow? Find(ChannelKey channel, Bytes16 idempotencyId) => _byId.GetValueOrDefault((channel, idempotencyId));

    /// <summary>For the writer: the oldest durable rows that were appended before a moment, at most so many.</summary>
    public List<LogRow> Oldest(int count, long before) => [.. _order.Take(count).TakeWhile(row => row.Stamp <= before)];

    /// <summary>For the writer: the oldest rows are settled, durably.</summary>
    public void RemoveOldest(int count)
    {
        lock (_gate)
        {
            var removed = new Dictionary<ChannelKey, int>();
            for (; count > 0; count--)
            {
                var row = _order.Dequeue();
                Size -= row.Body.Length;
                _byId.Remove((row.Channel, row.IdempotencyId));
                removed[row.Channel] = removed.GetValueOrDefault(row.Channel) + 1;
            }

            foreach (var (channel, rows) in removed)
                RemoveFirst(channel, rows);
        }
    }

    /// <summary>The last durable sequence of a channel, 0 when it has none here.</summary>
    public ulong LastSequence(ChannelKey channel)
    {
        lock (_gate)
            return _byChannel.TryGetValue(channel, out var rows) ? rows[^1].Sequence : 0;
    }

    /// <summary>Durable rows of a channel, oldest first.</summary>
    public IReadOnlyList<LogRow> Rows(ChannelKey channel)
    {
        lock (_gate)
            return _byChannel.TryGetValue(channel, out var rows) ? [.. rows] : [];
    }

    /// <summary>
    /// Adds what lies here after a sequence. Sequences of a channel have no gaps, so a reader that is told that what it wants
    /// starts earlier finds the earlier part among the settled entries.
    /// </summary>
    /// <returns>The first sequence here, 0 when there is none.</returns>
    public ulong Read(ChannelKey channel, ulong after, ulong through, int maxBytes, List<StoredEntry> into)
    {
        lock (_gate)
        {
            if (!_byChannel.TryGetValue(channel, out var rows))
                return 0;
            var first = rows[0].Sequence;
            if (after + 1 < first)
                return first;
            for (var at = (int)Math.Min(after + 1 - first, int.MaxValue); at < rows.Count && rows[at].Sequence <= through && maxBytes > 0; at++)
            {
                into.Add(new(rows[at].Sequence, rows[at].Body));
                maxBytes -= rows[at].Body.Length;
            }

            return first;
        }
    }

    private void RemoveFirst(ChannelKey channel, int count)
    {
        var rows = _byChannel[channel];
        if (rows.Count == count)
            _byChannel.Remove(channel);
        else
            rows.RemoveRange(0, count);
    }
}
