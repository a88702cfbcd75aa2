using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sotto.Direct.Conversations;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>Somebody whose identity is proven and who said what they know of the conversation.</summary>
internal sealed record Arrival(Link Link, ResumeMessage Resume, DirectInvite? Invite);

/// <summary>
/// Accepts connections and takes each through its handshake, many at a time, each within ten seconds. A stalled one keeps
/// nobody out: when there are too many, the oldest is dropped.
/// </summary>
internal sealed class Arrivals : IAsyncDisposable
{
    private const int MaxHandshakes = 64;

    private readonly DirectSettings _settings;
    private readonly IKeyExchange _exchange;
    private readonly Func<ReadOnlyMemory<byte>, DirectInvite?> _findInvite;
    private readonly TcpListener _listener;
    private readonly Channel<Arrival> _arrived = Channel.CreateBounded<Arrival>(MaxHandshakes);
    private readonly LinkedList<CancellationTokenSource> _open = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _limit;
    private Task _accepting = Task.CompletedTask;

    public Arrivals(DirectSettings settings, HostSettings host, IKeyExchange exchange, Func<ReadOnlyMemory<byte>, DirectInvite?> findInvite, TimeSpan limit)
    {
        (_settings, _exchange, _findInvite, _limit) = (settings, exchange, findInvite, limit);
        _listener = Listen(host);
    }

    /// <summary>The port that is listened on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whoever came through.</summary>
    public ChannelReader<Arrival> Arrived => _arrived.Reader;

    /// <summary>Told about those who were turned away in the handshake.</summary>
    public Action<DirectException>? Refused { get; init; }

    public void Start() => _accepting = AcceptAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _arrived.Writer.TryComplete();
        await foreach (var arrival in _arrived.Reader.ReadAllAsync().ConfigureAwait(false))
            await arrival.Link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static TcpListener Listen(HostSettings host)
    {
        try
        {
            var listener = host.Address is { } address ? new TcpListener(address, host.Port) : AllAddresses(host.Port);
            listener.Start(MaxHandshakes);
            return listener;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new DirectException(DirectFailure.ConnectionLost, $"Port {host.Port} is in use on this machine. Choose another: --listen {(host.Port == 65535 ? 7788 : host.Port + 1)}", e);
        }
        catch (SocketException e)
        {
            throw new DirectException(DirectFailure.ConnectionLost, $"Cannot listen there: {e.Message}", e);
        }
    }

    private static TcpListener AllAddresses(int port)
    {
        if (!Socket.OSSupportsIPv6)
            return new TcpListener(IPAddress.Any, port);
        var listener = new TcpListener(IPAddress.IPv6Any, port);
        listener.Server.DualMode = true;
        return listener;
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(cancellationToken).ConfigureAwait(false);
                socket.NoDelay = true;
                _ = HandshakeAsync(socket, cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One connection that failed while it was accepted; the listener goes on.
            }
        }
    }

    private async Task HandshakeAsync(Socket socket, CancellationToken stopped)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        using var limit = new CancellationTokenSource(_limit, _settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopped);
        var place = TakePlace(limit);
        Link? link = null;
        try
        {
            var runner = new HandshakeRunner(_settings.Crypto, _settings.Time, _settings.Self);
            (link, var invite) = await runner.HostAsync(stream, _exchange, _findInvite, either.Token).ConfigureAwait(false);
            var resume = await FirstMessage.ReadAsync(link, either.Token).ConfigureAwait(false);
            await _arrived.Writer.WriteAsync(new(link, resume, invite), either.Token).ConfigureAwait(false);
            link = null;
            stream = null;
        }
        catch (DirectException refusal) when (refusal.Failure != DirectFailure.ConnectionLost)
        {
            Refused?.Invoke(refusal);
        }
        catch (Exception e) when (e is DirectException or IOException or OperationCanceledException or ChannelClosedException or ObjectDisposedException)
        {
            // Gone, or too slow: nobody was there.
        }
        finally
        {
            LeavePlace(place);
            if (link is not null)
                await link.DisposeAsync().ConfigureAwait(false);
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private LinkedListNode<CancellationTokenSource> TakePlace(CancellationTokenSource limit)
    {
        lock (_gate)
        {
            if (_open.Count >= MaxHandshakes)
            {
                _open.First!.Value.CancelAsync();
                _open.RemoveFirst();
            }

            return _open.AddLast(limit);
        }
    }

    private void LeavePlace(LinkedListNode<CancellationTokenSource> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
                _open.Remove(place);
        }
    }
}
