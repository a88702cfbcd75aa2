using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Google.Protobuf;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>One connection of the mailbox plane. What the relay says goes to <see cref="Told"/>, a WebSocket message at a time.</summary>
internal sealed class LoadStream : IAsyncDisposable
{
    private const int FirstBuffer = 2 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<Frame>? _asked;
    private Task _receiving = Task.CompletedTask;
    private bool _closing;

    /// <summary>Gets frames that answer nothing that was asked with <see cref="AskAsync"/>.</summary>
    public Func<Frame, ValueTask> Told { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Ends when the connection does; an error is one of the load.</summary>
    public Task Ended => _receiving;

    [SuppressMessage("Security", "CA5359", Justification = "The load generator started this relay itself, on loopback.")]
    public static async Task<LoadStream> ConnectAsync(Uri relay)
    {
        var stream = new LoadStream();
        stream._socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var scheme = relay.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        await stream._socket.ConnectAsync(new Uri($"{scheme}://{relay.Authority}{Routes.Stream}"), CancellationToken.None).ConfigureAwait(false);
        stream._receiving = Task.Run(stream.ReceiveAsync);
        await stream._hello.Task.WaitAsync(Patience).ConfigureAwait(false);
        return stream;
    }

    /// <summary>Connects many, some at a time.</summary>
    public static async Task<LoadStream[]> ConnectAsync(Uri relay, int count)
    {
        var streams = new LoadStream[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            streams[i] = await ConnectAsync(relay).ConfigureAwait(false)).ConfigureAwait(false);
        return streams;
    }

    /// <summary>Asks one thing before the load begins.</summary>
    public async Task<Frame> AskAsync(Frame frame)
    {
        _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        frame.Request = 1;
        await SendAsync(new() { Frames = { frame } }).ConfigureAwait(false);
        var first = await Task.WhenAny(_asked.Task, _receiving).WaitAsync(Patience).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        return await _asked.Task.WaitAsync(Patience).ConfigureAwait(false);
    }

    public async Task SendAsync(Batch batch)
    {
        var message = batch.ToByteArray();
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _socket.Abort();
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[FirstBuffer];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                        Array.Resize(ref buffer, buffer.Length * 2);
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                    throw new IOException("The relay ended a connection under load.");
                foreach (var frame in Batch.Parser.ParseFrom(buffer, 0, length).Frames)
                    await TakeAsync(frame).ConfigureAwait(false);
            }
        }
        catch (Exception ended) when (_closing && ended is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // We ended it.
        }
    }

    private ValueTask TakeAsync(Frame frame)
    {
        if (frame.BodyCase == Frame.BodyOneofCase.Problem)
            throw new IOException($"The relay refused: {frame.Problem.Type}.");
        if (frame.BodyCase == Frame.BodyOneofCase.Hello)
            _hello.TrySetResult();
        if (frame.Request == 1)
            _asked?.TrySetResult(frame);
        return Told(frame);
    }
}
