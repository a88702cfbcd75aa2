using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sotto.Testing;

/// <summary>Which way a frame goes.</summary>
public enum Heading
{
    ToHost,
    ToJoiner,
}

/// <summary>
/// A TCP proxy on loopback that understands direct mode's frames and nothing of what is in them: it records, and a test may
/// cut, stall, change, repeat or reorder.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Socket Client, Socket Server)> _pairs = [];
    private readonly List<(Heading Heading, byte[] Frame)> _recorded = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;

    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Decides what becomes of a frame: itself, nothing, several, or other bytes. Called in order for each direction.</summary>
    public Func<Heading, byte[], IEnumerable<byte[]>> OnFrame { get; set; } = (_, frame) => [frame];

    /// <summary>While set, new connections are closed at once.</summary>
    public bool Down { get; set; }

    /// <summary>While set, bytes are read from nobody and sent to nobody, and connections stay open.</summary>
    public bool Stalled { get; set; }

    /// <summary>How many connections there were.</summary>
    public int Connections { get; private set; }

    public IReadOnlyList<(Heading Heading, byte[] Frame)> Recorded
    {
        get
        {
            lock (_gate)
                return [.. _recorded];
        }
    }

    /// <summary>How many frames went one way.</summary>
    public int Count(Heading heading)
    {
        lock (_gate)
            return _recorded.Count(recorded => recorded.Heading == heading);
    }

    /// <summary>Waits until so many frames have gone one way.</summary>
    public async Task WaitForCountAsync(Heading heading, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (Count(heading) < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Cuts every connection hard.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var (client, server) in _pairs)
            {
                Reset(client);
                Reset(server);
            }

            _pairs.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = CarryAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        if (Down)
        {
            Reset(client);
            return;
        }

        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            lock (_gate)
            {
                _pairs.Add((client, server));
                Connections++;
            }

            await Task.WhenAll(PumpAsync(client, server, Heading.ToHost), PumpAsync(server, client, Heading.ToJoiner));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            Reset(client);
            Reset(server);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Heading heading)
    {
        await using var source = new NetworkStream(from, ownsSocket: false);
        var header = new byte[4];
        while (await ReadFullyAsync(source, header))
        {
            var frame = new byte[4 + BinaryPrimitives.ReadUInt32BigEndian(header)];
            header.CopyTo(frame, 0);
            if (!await ReadFullyAsync(source, frame.AsMemory(4)))
                break;
            IEnumerable<byte[]> result;
            lock (_gate)
            {
                _recorded.Add((heading, frame));
                result = OnFrame(heading, frame);
            }

            foreach (var bytes in result)
            {
                if (!Stalled)
                    await to.SendAsync(bytes, _stop.Token);
            }
        }

        try
        {
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }
    }

    private async Task<bool> ReadFullyAsync(NetworkStream source, Memory<byte> destination)
    {
        try
        {
            await source.ReadExactlyAsync(destination, _stop.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }
}
