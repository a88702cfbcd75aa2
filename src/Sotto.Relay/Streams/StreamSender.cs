using System.Buffers;
using System.Net.WebSockets;
using Google.Protobuf;
using Sotto.Relay.Channels;
using Sotto.Relay.Metering;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>
/// The sending half of a connection: answers in order, then what the subscriptions have to read, many frames in one
/// WebSocket message. It works only while there is something to send; an idle connection holds no buffer.
/// </summary>
/// <param name="socket">The connection.</param>
/// <param name="store">Where subscriptions read.</param>
/// <param name="hub">Where they are known.</param>
/// <param name="metrics">Counts what is sent.</param>
/// <param name="time">For telling who has stalled.</param>
/// <param name="answered">Told how many answers went out or never will: until then their requests count as unanswered.</param>
internal sealed class StreamSender(WebSocket socket, IMailboxStore store, ChannelHub hub, RelayMetrics metrics, TimeProvider time, Action<int> answered)
{
    /// <summary>Entries taken for one subscription before another has its turn.</summary>
    private const int PageBytes = 128 * 1024;

    /// <summary>Enough for one message; the largest entry still fits after it.</summary>
    private const int EnoughBytes = 512 * 1024;

    private const int EphemeralsWaiting = 128;

    private static readonly ByteString NoEntries = ByteString.Empty;

    private readonly Lock _gate = new();
    private readonly Queue<Outgoing> _answers = new();
    private int _owed;
    private readonly Queue<Subscription> _awake = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ephemerals;
    private bool _running;
    private bool _closed;
    private long _sendingSince;

    /// <summary>How long the message that is being sent has not gone out.</summary>
    public TimeSpan Stalled => Volatile.Read(ref _sendingSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Sends a frame after those before it.</summary>
    public void Send(Frame frame)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _answers.Enqueue(new(frame, IsAnswer: false));
            StartIfIdle();
        }
    }

    /// <summary>Sends the answer to a request, which is unanswered until it is out.</summary>
    public void Answer(Frame frame)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _owed++;
                _answers.Enqueue(new(frame, IsAnswer: true));
                StartIfIdle();
                return;
            }
        }

        answered(1);
    }

    /// <summary>Sends an ephemeral frame, unless too many wait already.</summary>
    public bool TryPass(Frame frame)
    {
        lock (_gate)
        {
            if (_closed || _ephemerals >= EphemeralsWaiting)
                return false;
            _ephemerals++;
            _answers.Enqueue(new(frame, IsAnswer: false));
            StartIfIdle();
            return true;
        }
    }

    /// <summary>Looks whether a subscription has something to read.</summary>
    public void Wake(Subscription subscription)
    {
        lock (_gate)
        {
            if (_closed || subscription.IsListed)
                return;
            subscription.IsListed = true;
            _awake.Enqueue(subscription);
            StartIfIdle();
        }
    }

    /// <summary>Takes nothing more; completes when the last message is out or failed.</summary>
    /// <param name="sendWaiting">Answers that wait are still sent; otherwise they are dropped.</param>
    public Task CloseAsync(bool sendWaiting)
    {
        var dropped = 0;
        lock (_gate)
        {
            _closed = true;
            _awake.Clear();
            if (!sendWaiting)
                dropped = DropAnswers();
            if (!_running)
                _finished.TrySetResult();
        }

        answered(dropped);
        return _finished.Task;
    }

    /// <returns>How many requests will not be answered.</returns>
    private int DropAnswers()
    {
        var dropped = _answers.Count(outgoing => outgoing.IsAnswer);
        _owed -= dropped;
        _answers.Clear();
        return dropped;
    }

    private void StartIfIdle()
    {
        if (_running)
            return;
        _running = true;
        ThreadPool.UnsafeQueueUserWorkItem(static sender => _ = sender.RunAsync(), this, preferLocal: false);
    }

    private async Task RunAsync()
    {
        try
        {
            while (Take() is { } taken)
            {
                var pages = await ReadPagesAsync(taken).ConfigureAwait(false);
                await SendAsync(taken.Answers, pages).ConfigureAwait(false);
                Settle(taken.Owed);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or StorageException)
        {
            // The peer is gone, or reading failed: it connects again and goes on from its cursor.
            socket.Abort();
            int unanswered;
            lock (_gate)
            {
                _closed = true;
                _running = false;
                unanswered = _owed;
                _owed = 0;
                _answers.Clear();
            }

            answered(unanswered);
            _finished.TrySetResult();
        }
    }

    private void Settle(int count)
    {
        lock (_gate)
            _owed -= count;
        answered(count);
    }

    /// <summary>What goes into the next message; null when there is nothing, and the sender rests.</summary>
    private Taken? Take()
    {
        lock (_gate)
        {
            if (_answers.Count == 0 && (_closed || _awake.Count == 0))
            {
                _running = false;
                if (_closed)
                    _finished.TrySetResult();
                return null;
            }

            var taken = new Taken([], []);
            while (taken.Answers.Count < Limits.FramesInMessage && _answers.TryDequeue(out var outgoing))
            {
                taken.Answers.Add(outgoing.Frame);
                taken.Owed += outgoing.IsAnswer ? 1 : 0;
            }

            if (_answers.Count == 0)
                _ephemerals = 0;
            // Pushes of a subscription never come before the answer that opened it.
            while (_answers.Count == 0 && taken.Answers.Count + taken.Awake.Count < Limits.FramesInMessage && _awake.TryDequeue(out var subscription))
            {
                subscription.IsListed = false;
                taken.Awake.Add(subscription);
            }

            return taken;
        }
    }

    private async Task<List<Page>> ReadPagesAsync(Taken taken)
    {
        var pages = new List<Page>(taken.Awake.Count);
        var size = 0;
        foreach (var subscription in taken.Awake)
        {
            if (size >= EnoughBytes)
            {
                Wake(subscription);
                continue;
            }

            if (await ReadAsync(subscription).ConfigureAwait(false) is { } page)
            {
                pages.Add(page);
                size += page.Size;
            }
        }

        return pages;
    }

    private async ValueTask<Page?> ReadAsync(Subscription subscription)
    {
        if (subscription.IsEnded)
            return null;
        var (visible, through) = (subscription.Visible, subscription.MayReadThrough);
        var read = await store.ReadAsync(subscription.Channel, subscription.Position, through, PageBytes, CancellationToken.None).ConfigureAwait(false);
        // It may have been dropped while this was read; whoever is dropped is told before there is anything further to read.
        var last = subscription.MayReadThrough;
        var entries = read.Entries.Count > 0 && read.Entries[^1].Sequence > last ? [.. read.Entries.Where(entry => entry.Sequence <= last)] : read.Entries;
        if (entries.Count > 0)
        {
            subscription.Position = entries[^1].Sequence;
            Wake(subscription);
            return new(subscription.Id, entries);
        }

        if (visible >= through && subscription.TryEnd(EndReason.Dropped))
            hub.Remove(subscription);
        return null;
    }

    private async Task SendAsync(List<Frame> answers, List<Page> pages)
    {
        if (answers.Count + pages.Count == 0)
            return;
        var size = answers.Sum(answer => answer.CalculateSize() + 8) + pages.Sum(page => page.Size + 24);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var length = Write(buffer, answers, pages);
            Volatile.Write(ref _sendingSince, time.GetTimestamp());
            await socket.SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _sendingSince, 0);
            if (pages.Count > 0)
                metrics.Pushed(pages.Sum(page => page.Entries.Count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Write(byte[] buffer, List<Frame> answers, List<Page> pages)
    {
        using var output = new CodedOutputStream(buffer);
        foreach (var answer in answers)
        {
            output.WriteTag(Batch.FramesFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteMessage(answer);
        }

        foreach (var page in pages)
            page.WriteTo(output);
        return (int)output.Position;
    }

    private readonly record struct Outgoing(Frame Frame, bool IsAnswer);

    private sealed record Taken(List<Frame> Answers, List<Subscription> Awake)
    {
        public int Owed { get; set; }
    }

    /// <summary>A push frame, written around entries that are encoded already.</summary>
    private sealed record Page(uint Subscription, IReadOnlyList<StoredEntry> Entries)
    {
        private readonly int _pushSize = CodedOutputStream.ComputeTagSize(Push.SubscriptionFieldNumber)
            + CodedOutputStream.ComputeUInt32Size(Subscription)
            + Entries.Sum(entry => 1 + CodedOutputStream.ComputeLengthSize(entry.Bytes.Length) + entry.Bytes.Length);

        public int Size => _pushSize;

        public void WriteTo(CodedOutputStream output)
        {
            output.WriteTag(Batch.FramesFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(CodedOutputStream.ComputeTagSize(Frame.PushFieldNumber) + CodedOutputStream.ComputeLengthSize(_pushSize) + _pushSize);
            output.WriteTag(Frame.PushFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(_pushSize);
            output.WriteTag(Push.SubscriptionFieldNumber, WireFormat.WireType.Varint);
            output.WriteUInt32(Subscription);
            foreach (var entry in Entries)
            {
                output.WriteTag(Push.EntriesFieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(entry.Bytes.Length == 0 ? NoEntries : UnsafeByteOperations.UnsafeWrap(entry.Bytes));
            }
        }
    }
}
