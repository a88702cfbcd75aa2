using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sotto.Direct.Paper;

/// <summary>How a conversation in paper mode came to its end on our side.</summary>
public enum PaperEnding
{
    /// <summary>Every line was handed to the network and the peer closed too. Paper mode has no acknowledgements.</summary>
    Complete,

    /// <summary>Every line was handed to the network; the peer did not close within the limit.</summary>
    PeerStayed,

    /// <summary>The connection broke or was stopped: the last lines may be lost.</summary>
    Broken,
}

/// <summary>
/// Two people talking as the paper's program does: Fernet tokens under one key, one after the other on a TCP connection.
/// Lines may be sent from several threads while one reader reads the events. The owner disposes it, which closes the
/// connection at once.
/// </summary>
public sealed class PaperConversation : IAsyncDisposable
{
    private const int ReadSize = 16 * 1024;
    private const int Broken = -1;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PaperKey _key;
    private readonly Action _ended;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<bool> _peerClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PaperSender _sender;
    private readonly TokenScanner _scanner;
    private readonly byte[] _buffer = new byte[ReadSize];
    private Task<int>? _reading;
    private int _disposed;

    internal PaperConversation(Socket socket, PaperKey key, Action? ended = null)
    {
        _socket = socket;
        _key = key;
        _ended = ended ?? (static () => { });
        _scanner = key.NewScanner();
        Prepare(socket);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _sender = new PaperSender(_stream, key, _stop.Token);
    }

    /// <summary>Connects to somebody who listens in paper mode, or to a program as the paper has it.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">A TCP port.</param>
    /// <param name="key">The key and what was seen under it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>A conversation that the caller disposes.</returns>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public static async Task<PaperConversation> ConnectAsync(string host, int port, PaperKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            return new PaperConversation(socket, key);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Queues a line, which is copied. Waits while <see cref="PaperLimits.QueuedLines"/> lines are waiting.</summary>
    /// <param name="line">
    /// Any bytes, at most <see cref="PaperLimits.LongestLine"/>, without a line break unless one is meant. An empty line is
    /// sent like any other, as the token of no text.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting; the line is then not queued.</param>
    /// <exception cref="PaperException">The line is too long, or the conversation has ended. Nothing was queued.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken) =>
        _sender.QueueAsync(line, cancellationToken);

    /// <summary>
    /// What happens, in order, ending with <see cref="PaperClosed"/>. Nothing is read from the network while nobody asks,
    /// so a peer cannot fill the memory. One reader at a time; a reader that stopped early can be followed by another.
    /// </summary>
    public async IAsyncEnumerable<PaperEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var results = new List<ScanResult>();
        int count;
        do
        {
            count = await ReceiveAsync(results, cancellationToken).ConfigureAwait(false);
            foreach (var result in results)
                yield return _key.Judge(result);
            results.Clear();
        }
        while (count > 0);

        yield return new PaperClosed(count == 0);
    }

    /// <summary>
    /// Ends politely: sends what is queued, closes our side, and waits for the peer to close. Somebody must go on reading
    /// the events meanwhile.
    /// </summary>
    /// <param name="limit">How long to wait for the peer once everything is sent.</param>
    /// <param name="cancellationToken">Ends the waiting; dispose then.</param>
    public async Task<PaperEnding> CompleteAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _sender.Complete();
        if (!await _sender.Sending.WaitAsync(cancellationToken).ConfigureAwait(false) || !TryCloseOurSide())
            return PaperEnding.Broken;
        try
        {
            var politely = await _peerClosed.Task.WaitAsync(limit, _key.Time, cancellationToken).ConfigureAwait(false);
            return politely ? PaperEnding.Complete : PaperEnding.Broken;
        }
        catch (TimeoutException)
        {
            return PaperEnding.PeerStayed;
        }
    }

    /// <summary>Closes the connection without waiting for anything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _sender.Complete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sender.Sending.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        _ended();
    }

    /// <summary>Small writes go out at once; a peer that vanished is noticed within 25 s.</summary>
    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Waits for bytes, and settles what is held when none come for a while.</summary>
    /// <returns>How many arrived; 0 when the peer closed its side; <see cref="Broken"/>.</returns>
    private async Task<int> ReceiveAsync(List<ScanResult> results, CancellationToken cancellationToken)
    {
        _reading ??= ReadAsync();
        if (_scanner.HasPending && !await ArrivesInTimeAsync(_reading, cancellationToken).ConfigureAwait(false))
        {
            _scanner.Settle(results);
            if (results.Count > 0)
                return results.Count;
        }

        var count = await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            _scanner.Feed(_buffer.AsSpan(0, count), results);
            _reading = null;
            return count;
        }

        _scanner.End(results);
        _peerClosed.TrySetResult(count == 0);
        return count;
    }

    private async Task<int> ReadAsync()
    {
        try
        {
            return await _stream.ReadAsync(_buffer, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return Broken;
        }
    }

    private async Task<bool> ArrivesInTimeAsync(Task<int> reading, CancellationToken cancellationToken)
    {
        try
        {
            await reading.WaitAsync(PaperLimits.QuietTime, _key.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private bool TryCloseOurSide()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
