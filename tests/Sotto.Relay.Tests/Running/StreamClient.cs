using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Google.Protobuf;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Running;

/// <summary>A client of the mailbox plane.</summary>
public sealed class StreamClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<Frame>> _asked = [];
    private readonly ConcurrentDictionary<uint, Channel<Entry>> _entries = [];
    private readonly Channel<Frame> _told = Channel.CreateUnbounded<Frame>();
    private Task _receiving = Task.CompletedTask;
    private uint _lastRequest;
    private volatile bool _ended;

    public Hello Hello { get; private set; } = null!;

    public WebSocket Socket => _socket;

    public WebSocketCloseStatus? Closed => _socket.CloseStatus;

    public static async Task<StreamClient> ConnectAsync(Uri relay)
    {
        var client = new StreamClient();
        await client._socket.ConnectAsync(new Uri($"ws://{relay.Authority}{Routes.Stream}"), CancellationToken.None);
        client._receiving = client.ReceiveAsync();
        client.Hello = (await client.ToldAsync()).Hello;
        return client;
    }

    /// <summary>Asks, and gives the answer's frame.</summary>
    /// <exception cref="ProblemException">The relay refused.</exception>
    public async Task<Frame> AskAsync(Frame frame)
    {
        var answer = await (await StartAsync(frame)).WaitAsync(Patience);
        return answer.BodyCase == Frame.BodyOneofCase.Problem
            ? throw new ProblemException(answer.Problem.Type) { Number = answer.Problem.Number, FirstSequence = answer.Problem.FirstSequence }
            : answer;
    }

    /// <summary>Asks without waiting for the answer.</summary>
    public async Task<Task<Frame>> StartAsync(Frame frame)
    {
        var answer = Expect(frame);
        await SendAsync(new Batch { Frames = { frame } }.ToByteArray());
        return answer;
    }

    /// <summary>Asks two things in one message without waiting for the answers.</summary>
    public async Task<(Task<Frame> First, Task<Frame> Second)> StartTogetherAsync(Frame first, Frame second)
    {
        var answers = (Expect(first), Expect(second));
        await SendAsync(new Batch { Frames = { first, second } }.ToByteArray());
        return answers;
    }

    /// <exception cref="WebSocketException">The stream ended.</exception>
    public async Task SendAsync(byte[] message, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, type, true, CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // How a socket says it that the other loop found closed just now.
            throw new WebSocketException("The stream ended before the message went out.", e);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next thing that the relay said without being asked, pushes apart.</summary>
    /// <exception cref="WebSocketException">The stream ended.</exception>
    public Task<Frame> ToldAsync() => NextAsync(_told);

    public bool WasToldSomething => _told.Reader.TryPeek(out _);

    /// <summary>The next entry of a subscription.</summary>
    /// <exception cref="WebSocketException">The stream ended.</exception>
    public Task<Entry> EntryAsync(uint subscription) => NextAsync(Entries(subscription));

    public bool HasEntry(uint subscription) => Entries(subscription).Reader.TryPeek(out _);

    /// <summary>Completes when the relay closed the stream.</summary>
    public Task EndedAsync() => _receiving.WaitAsync(Patience);

    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        // The receiving loop takes the relay's answer; CloseAsync would compete with it for the frames that still come.
        if (_socket.State == WebSocketState.Open)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience);
        await _receiving.WaitAsync(Patience);
        _socket.Dispose();
    }

    private Task<Frame> Expect(Frame frame)
    {
        frame.Request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[frame.Request] = answer;
        return answer.Task.WaitAsync(Patience);
    }

    private static async Task<T> NextAsync<T>(Channel<T> channel)
    {
        try
        {
            return await channel.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
        catch (ChannelClosedException)
        {
            throw new WebSocketException("The stream ended before it came.");
        }
    }

    private Channel<Entry> Entries(uint subscription)
    {
        var entries = _entries.GetOrAdd(subscription, _ => Channel.CreateUnbounded<Entry>());
        if (_ended)
            entries.Writer.TryComplete();
        return entries;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2 * 1024 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += result.Count;
                }
                while (!result.EndOfMessage);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    if (_socket.State == WebSocketState.CloseReceived)
                        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                foreach (var frame in Batch.Parser.ParseFrom(buffer, 0, length).Frames)
                    Take(frame);
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The relay is gone.
        }

        _ended = true;
        foreach (var entries in _entries.Values)
            entries.Writer.TryComplete();
        foreach (var asked in _asked.Values)
            asked.TrySetException(new WebSocketException("The stream ended before the answer."));
        _told.Writer.TryComplete();
    }

    private void Take(Frame frame)
    {
        if (frame.Request != 0 && _asked.TryRemove(frame.Request, out var asked))
            asked.SetResult(frame);
        else if (frame.BodyCase == Frame.BodyOneofCase.Push)
            foreach (var entry in frame.Push.Entries)
                Entries(frame.Push.Subscription).Writer.TryWrite(entry);
        else
            _told.Writer.TryWrite(frame);
    }
}
