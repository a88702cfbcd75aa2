using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Google.Protobuf;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Relays;

/// <summary>
/// The mailbox plane over a WebSocket. One task receives; one sends, and puts what waits into one message, so that many
/// requests at once cost few of them.
/// </summary>
internal sealed class WebSocketStream : IMailboxStream
{
    private readonly ClientWebSocket _socket;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<Frame>> _asked = [];
    private readonly Channel<Frame> _told = Channel.CreateUnbounded<Frame>(new() { SingleReader = true });
    private readonly Channel<Frame> _outgoing = Channel.CreateUnbounded<Frame>(new() { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _ordering = new();
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private uint _lastRequest;

    private WebSocketStream(ClientWebSocket socket) => _socket = socket;

    public ReadOnlyMemory<byte> Incarnation { get; private set; }

    public static async Task<WebSocketStream> ConnectAsync(Uri url, ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var stream = new WebSocketStream(socket);
        try
        {
            await stream._socket.ConnectAsync(url, cancellationToken).ConfigureAwait(false);
            stream._receiving = stream.ReceiveAsync();
            stream._sending = stream.SendAsync();
            var first = await stream._told.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (first.BodyCase != Frame.BodyOneofCase.Hello)
                throw new RelayUnreachableException("What answers there does not speak this protocol.");
            stream.Incarnation = first.Hello.Incarnation.Memory;
            return stream;
        }
        catch (Exception failure)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (failure is ChannelClosedException || HttpFailures.IsConnection(failure, cancellationToken))
                throw HttpFailures.Unreachable(failure);
            throw;
        }
    }

    public async Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken)
    {
        var answer = await Start(frame).WaitAsync(cancellationToken).ConfigureAwait(false);
        return answer.BodyCase != Frame.BodyOneofCase.Problem ? answer : throw new RelayRefusedException(ProblemTypes.Parse(answer.Problem.Type))
        {
            Number = answer.Problem.Number,
            FirstSequence = answer.Problem.FirstSequence,
        };
    }

    public Task TellAsync(Frame frame, CancellationToken cancellationToken) =>
        _outgoing.Writer.TryWrite(frame) ? Task.CompletedTask : throw Ended();

    public IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken) => _told.Reader.ReadAllAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_receiving, _sending).ConfigureAwait(false);
        _socket.Dispose();
        _ending.Dispose();
    }

    /// <summary>Numbers and queues a request in one step, so that the relay gets requests in the order of the calls.</summary>
    private Task<Frame> Start(Frame frame)
    {
        var answer = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_ordering)
        {
            frame.Request = ++_lastRequest;
            _asked[frame.Request] = answer;
            if (!_outgoing.Writer.TryWrite(frame))
            {
                _asked.TryRemove(frame.Request, out _);
                throw Ended();
            }
        }

        return answer.Task;
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(_ending.Token).ConfigureAwait(false))
            {
                var batch = TakeWaiting();
                await _socket.SendAsync(batch.ToByteArray(), WebSocketMessageType.Binary, true, _ending.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            End();
        }
    }

    private Batch TakeWaiting()
    {
        var batch = new Batch();
        var size = 0;
        while (batch.Frames.Count < Limits.FramesInMessage && _outgoing.Reader.TryPeek(out var next))
        {
            size += next.CalculateSize() + 8;
            if (batch.Frames.Count > 0 && size > Limits.Message)
                break;
            batch.Frames.Add(next);
            _outgoing.Reader.TryRead(out _);
        }

        return batch;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    if (length == buffer.Length)
                        Array.Resize(ref buffer, Grown(buffer.Length));
                    result = await _socket.ReceiveAsync(buffer.AsMemory(length), _ending.Token).ConfigureAwait(false);
                    length += result.Count;
                }
                while (!result.EndOfMessage);
                if (result.MessageType != WebSocketMessageType.Binary)
                    break;
                foreach (var frame in Batch.Parser.ParseFrom(buffer, 0, length).Frames)
                    Take(frame);
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            // The stream has ended, in whatever way.
        }

        End();
    }

    private static int Grown(int length) => length < 2 * Limits.Message ? length * 2 : throw new IOException("A message is longer than it may be.");

    private void Take(Frame frame)
    {
        if (frame.Request == 0)
            _told.Writer.TryWrite(frame);
        else if (_asked.TryRemove(frame.Request, out var asked))
            asked.TrySetResult(frame);
    }

    private void End()
    {
        lock (_ordering)
            _outgoing.Writer.TryComplete();
        _told.Writer.TryComplete();
        foreach (var request in _asked.Keys)
        {
            if (_asked.TryRemove(request, out var asked))
                asked.TrySetException(Ended());
        }
    }

    private static bool IsEnd(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidProtocolBufferException or InvalidOperationException;

    private static RelayUnreachableException Ended() => new("The stream to the relay has ended.");
}
