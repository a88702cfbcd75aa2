using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using Google.Protobuf;
using Sotto.Relay.Channels;
using Sotto.Relay.Metering;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>
/// One client's WebSocket: reads messages, starts what they ask in the order they ask it, and leaves answering to the
/// sender. While nothing arrives it holds no buffer.
/// </summary>
internal sealed class StreamConnection : IDisposable
{
    private const int FirstBuffer = 8 * 1024;

    /// <summary>RFC 6455's registry, 1013.</summary>
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    /// <summary>Fields that this version does not know are not kept, or they would be stored beside those that have a limit.</summary>
    private static readonly MessageParser<Batch> Batches = Batch.Parser.WithDiscardUnknownFields(true);

    private readonly WebSocket _socket;
    private readonly IMailboxStore _store;
    private readonly StreamRequests _requests;
    private readonly ChannelHub _hub;
    private readonly RelayMetrics _metrics;
    private readonly StreamSender _sender;
    private readonly MessageBudget _budget;
    private readonly TimeProvider _time;
    private readonly Dictionary<uint, Subscription> _subscriptions = [];
    private readonly SemaphoreSlim _inFlight = new(Limits.RequestsInFlight);
    private readonly CancellationTokenSource _gone = new();
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _drained;
    private long _receivingSince;
    private uint _lastSubscription;
    private int _places = Limits.Subscriptions;
    private bool _ended;

    public StreamConnection(WebSocket socket, IMailboxStore store, StreamRequests requests, ChannelHub hub, RelayMetrics metrics, MessageBudget budget, TimeProvider time)
    {
        (_socket, _store, _requests, _hub, _metrics, _budget, _time) = (socket, store, requests, hub, metrics, budget, time);
        _sender = new(socket, store, hub, metrics, time, Release);
    }

    /// <summary>How long the peer has not taken what is being sent.</summary>
    public TimeSpan Stalled => _sender.Stalled;

    /// <summary>Whether the peer is in the middle of a message.</summary>
    public bool IsReceiving => Volatile.Read(ref _receivingSince) != 0;

    /// <summary>How long the peer has been sending one message.</summary>
    public TimeSpan Receiving => Volatile.Read(ref _receivingSince) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Serves until either side ends it.</summary>
    public async Task ServeAsync()
    {
        var incarnation = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(incarnation, _store.Incarnation);
        _sender.Send(new() { Hello = new() { Version = 1, Incarnation = UnsafeByteOperations.UnsafeWrap(incarnation) } });
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false) is { } batch)
            {
                foreach (var frame in batch.Frames)
                    await StartAsync(frame).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The peer is gone without a goodbye.
        }

        await EndAsync().ConfigureAwait(false);
        _served.SetResult();
    }

    /// <summary>Tells the client that the relay is about to stop.</summary>
    public void AnnounceDraining() => _sender.Send(new() { Draining = new() });

    /// <summary>
    /// Waits until every request that arrived was answered, says goodbye, and waits for the client's. What still comes is not
    /// looked at: nothing of it was acknowledged.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        for (var place = 0; place < Limits.RequestsInFlight; place++)
            await _inFlight.WaitAsync(cancellationToken).ConfigureAwait(false);
        _drained = true;
        _inFlight.Release(Limits.RequestsInFlight);
        await _sender.CloseAsync(sendWaiting: true).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, cancellationToken).ConfigureAwait(false);
        await _served.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _gone.Cancel();
        _socket.Abort();
    }

    public void Dispose()
    {
        _inFlight.Dispose();
        _gone.Dispose();
        _socket.Dispose();
    }

    /// <summary>The next message; null when the peer said goodbye or broke the contract, and the close is answered.</summary>
    private async Task<Batch?> ReceiveAsync()
    {
        // An empty read completes when there is something to read, so waiting costs no buffer.
        var waited = await _socket.ReceiveAsync(Memory<byte>.Empty, _gone.Token).ConfigureAwait(false);
        if (waited.MessageType == WebSocketMessageType.Close)
            return await RefuseAsync(WebSocketCloseStatus.NormalClosure).ConfigureAwait(false);
        if (waited.EndOfMessage)
            return await RefuseAsync(WebSocketCloseStatus.InvalidPayloadData).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var taken = 0;
        Volatile.Write(ref _receivingSince, _time.GetTimestamp());
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length && !TryGrow(ref buffer, ref taken))
                    return await RefuseAsync(TryAgainLater).ConfigureAwait(false);
                var result = await _socket.ReceiveAsync(buffer.AsMemory(length), _gone.Token).ConfigureAwait(false);
                length += result.Count;
                if (result.MessageType == WebSocketMessageType.Close)
                    return await RefuseAsync(WebSocketCloseStatus.NormalClosure).ConfigureAwait(false);
                if (result.MessageType != WebSocketMessageType.Binary)
                    return await RefuseAsync(WebSocketCloseStatus.InvalidMessageType).ConfigureAwait(false);
                if (length > Limits.Message)
                    return await RefuseAsync(WebSocketCloseStatus.MessageTooBig).ConfigureAwait(false);
                if (result.EndOfMessage)
                    break;
            }

            return Parse(buffer.AsSpan(0, length)) ?? await RefuseAsync(WebSocketCloseStatus.InvalidPayloadData).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _receivingSince, 0);
            ArrayPool<byte>.Shared.Return(buffer);
            _budget.Return(taken);
        }
    }

    /// <returns>False when all connections together hold as much of unfinished messages as they may.</returns>
    private bool TryGrow(ref byte[] buffer, ref int taken)
    {
        var more = buffer.Length * 4;
        if (!_budget.TryTake(more - taken))
            return false;
        taken = more;
        var larger = ArrayPool<byte>.Shared.Rent(more);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
        return true;
    }

    /// <summary>A message as a batch; null when it is none.</summary>
    internal static Batch? Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            var batch = Batches.ParseFrom(message);
            return batch.Frames.Count is > 0 and <= Limits.FramesInMessage ? batch : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private async Task<Batch?> RefuseAsync(WebSocketCloseStatus status)
    {
        await _sender.CloseAsync(sendWaiting: true).ConfigureAwait(false);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(status, null, _gone.Token).ConfigureAwait(false);
        return null;
    }

    /// <summary>Starts a request. Its storing begins before the next one is looked at, so requests keep their order.</summary>
    private async Task StartAsync(Frame frame)
    {
        if (frame.BodyCase == Frame.BodyOneofCase.Acknowledge && TryAcknowledge(frame.Acknowledge) && frame.Request == 0)
            return;
        await _inFlight.WaitAsync(_gone.Token).ConfigureAwait(false);
        if (_drained)
            Release(1);
        else
            _ = AnswerAsync(frame);
    }

    /// <summary>Every request is answered once, and unanswered until its answer is out.</summary>
    private async Task AnswerAsync(Frame frame)
    {
        try
        {
            await (frame.BodyCase switch
            {
                Frame.BodyOneofCase.Acknowledge => AcknowledgeAsync(frame),
                Frame.BodyOneofCase.Subscribe => SubscribeAsync(frame),
                Frame.BodyOneofCase.Unsubscribe => UnsubscribeAsync(frame),
                _ => AnswerFromStoreAsync(frame),
            }).ConfigureAwait(false);
        }
        catch (RelayException refusal)
        {
            Refuse(frame, refusal);
        }
        catch (StorageException trouble)
        {
            Refuse(frame, StreamProblems.Of(trouble));
        }
        catch (Exception)
        {
            // Whoever would wait for the answer for ever connects again instead.
            Abort();
            throw;
        }
    }

    private void Release(int count)
    {
        try
        {
            if (count > 0)
                _inFlight.Release(count);
        }
        catch (ObjectDisposedException)
        {
            // The connection went while the store was at work.
        }
    }

    private async Task AnswerFromStoreAsync(Frame frame) => Send(frame, await _requests.AnswerAsync(frame).ConfigureAwait(false));

    private async Task SubscribeAsync(Frame frame)
    {
        if (Interlocked.Decrement(ref _places) < 0)
        {
            Interlocked.Increment(ref _places);
            throw new RelayException(RelayProblem.QuotaReached);
        }

        try
        {
            Subscription subscription = null!;
            var opened = await _requests.ListenAsync(frame.Subscribe, mailbox => subscription = Listen(frame, mailbox)).ConfigureAwait(false);
            subscription.Wake(opened.Head);
        }
        catch
        {
            Interlocked.Increment(ref _places);
            throw;
        }
    }

    /// <summary>
    /// On the store's thread, before a later commit can drop the mailbox: answers, then listens. A connection that ended in the
    /// meantime listens to nothing.
    /// </summary>
    private Subscription Listen(Frame frame, OpenedMailbox mailbox)
    {
        lock (_subscriptions)
        {
            var after = frame.Subscribe.HasAfter ? frame.Subscribe.After : mailbox.Acknowledged;
            var subscription = new Subscription(_sender, ++_lastSubscription, mailbox.Channel, new(frame.Subscribe.Mailbox.Span), after);
            SendSubscribed(frame, subscription, mailbox);
            if (mailbox.DroppedAt is { } last)
                subscription.DropAt(last);
            if (_ended)
                return subscription;
            _subscriptions.Add(subscription.Id, subscription);
            _hub.Add(subscription);
            return subscription;
        }
    }

    private void SendSubscribed(Frame frame, Subscription subscription, OpenedMailbox mailbox) =>
        Send(frame, new()
        {
            Subscribed = new()
            {
                Subscription = subscription.Id,
                Head = mailbox.Head,
                Acknowledged = mailbox.Acknowledged,
                FirstSequence = mailbox.FirstSequence,
                Number = mailbox.Number,
                Note = mailbox.Note is { } note ? UnsafeByteOperations.UnsafeWrap(note) : ByteString.Empty,
            },
        });

    private Task UnsubscribeAsync(Frame frame)
    {
        Subscription? subscription;
        lock (_subscriptions)
            _subscriptions.Remove(frame.Unsubscribe.Subscription, out subscription);
        if (subscription is null)
            throw new RelayException(RelayProblem.Refused);
        subscription.TryEnd(null);
        _hub.Remove(subscription);
        Interlocked.Increment(ref _places);
        Send(frame, new() { Done = new() });
        return Task.CompletedTask;
    }

    private Task AcknowledgeAsync(Frame frame)
    {
        if (!TryAcknowledge(frame.Acknowledge))
            throw new RelayException(RelayProblem.Refused);
        Send(frame, new() { Done = new() });
        return Task.CompletedTask;
    }

    /// <summary>Only what was pushed can be acknowledged. Twice is as good as once.</summary>
    private bool TryAcknowledge(Acknowledge request)
    {
        Subscription? subscription;
        lock (_subscriptions)
            _subscriptions.TryGetValue(request.Subscription, out subscription);
        if (subscription is null || subscription.WasReplaced || request.Sequence > subscription.Position)
            return false;
        _store.Acknowledge(subscription.Channel, subscription.Mailbox, request.Sequence);
        return true;
    }

    private void Refuse(Frame request, RelayException refusal)
    {
        _metrics.Refused(refusal.Problem);
        Send(request, StreamProblems.Frame(refusal));
    }

    private void Send(Frame request, Frame answer)
    {
        answer.Request = request.Request;
        _sender.Answer(answer);
    }

    private async Task EndAsync()
    {
        await _gone.CancelAsync().ConfigureAwait(false);
        List<Subscription> open;
        lock (_subscriptions)
        {
            _ended = true;
            open = [.. _subscriptions.Values];
        }

        foreach (var subscription in open)
        {
            subscription.TryEnd(null);
            _hub.Remove(subscription);
        }

        await _sender.CloseAsync(sendWaiting: false).ConfigureAwait(false);
    }
}
