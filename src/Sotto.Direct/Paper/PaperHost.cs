using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Channels = System.Threading.Channels.Channel;

namespace Sotto.Direct.Paper;

/// <summary>
/// Listens for the peer in paper mode. One client at a time: while a conversation lasts, which is until it is disposed,
/// every other client is closed at once, because there is nothing in this protocol to say "busy" with. The owner disposes
/// it; a conversation that was handed out lives on.
/// </summary>
public sealed class PaperHost : IAsyncDisposable
{
    private static readonly TimeSpan _breath = TimeSpan.FromSeconds(1);

    private readonly TcpListener _listener;
    private readonly PaperKey _key;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<PaperConversation> _accepted = Channels.CreateBounded<PaperConversation>(1);
    private readonly Task _accepting;
    private int _taken;
    private int _disposed;

    private PaperHost(TcpListener listener, PaperKey key)
    {
        _listener = listener;
        _key = key;
        _accepting = AcceptAllAsync(_stop.Token);
    }

    /// <summary>A second client came and was closed. Raised on the accepting thread; handlers return quickly.</summary>
    public event EventHandler? ClientTurnedAway;

    /// <summary>Where the host listens, with the port that was chosen when 0 was asked for.</summary>
    public IPEndPoint LocalEndpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Starts listening.</summary>
    /// <param name="endpoint">Address and port; <see cref="IPAddress.IPv6Any"/> takes IPv4 too.</param>
    /// <param name="key">The key and what was seen under it.</param>
    /// <returns>A host that the caller disposes.</returns>
    /// <exception cref="SocketException">The address or port cannot be had.</exception>
    public static PaperHost Listen(IPEndPoint endpoint, PaperKey key)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(key);
        var listener = new TcpListener(endpoint);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                listener.Server.DualMode = true;
            listener.Start();
            return new PaperHost(listener, key);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a client.</summary>
    /// <returns>A conversation that the caller disposes; only then can the next client come.</returns>
    /// <exception cref="ChannelClosedException">The host was disposed.</exception>
    public ValueTask<PaperConversation> AcceptAsync(CancellationToken cancellationToken) =>
        _accepted.Reader.ReadAsync(cancellationToken);

    /// <summary>Stops listening and closes a client that nobody accepted.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out var waiting))
            await waiting.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Take(await _listener.AcceptSocketAsync(stop).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client is gone again, or the process is out of handles: either way the next may fare better.
                await Task.Delay(_breath, _key.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(Socket client)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            client.Dispose();
            ClientTurnedAway?.Invoke(this, EventArgs.Empty);
            return;
        }

        try
        {
            _accepted.Writer.TryWrite(new PaperConversation(client, _key, Free));
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            client.Dispose();
            Free();
        }
    }

    private void Free() => Volatile.Write(ref _taken, 0);
}
