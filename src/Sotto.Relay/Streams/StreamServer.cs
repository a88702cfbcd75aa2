using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Sotto.Relay.Hosting;
using Sotto.Relay.Metering;
using Sotto.Relay.Storage;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Streams;

/// <summary>All open streams: takes new ones within the limits, ends the stalled, and lets all of them finish on a stop.</summary>
internal sealed class StreamServer(IMailboxStore store, StreamRequests requests, ChannelHub hub, ClientAddresses addresses, RelayLimits limits, RelayMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PongWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StalledTooLong = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ReceivingTooLong = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<StreamConnection, byte> _open = [];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly Lock _gate = new();
    private readonly MessageBudget _budget = new(limits.UnfinishedMessages);
    private int _count;
    private bool _draining;

    /// <summary>Open streams.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether some connection is in the middle of a message.</summary>
    public bool IsReceiving => _open.Keys.Any(connection => connection.IsReceiving);

    /// <summary>Bytes held for messages that have not arrived whole.</summary>
    public long UnfinishedBytes => _budget.Taken;

    /// <summary>Serves one connection until it ends.</summary>
    /// <exception cref="RelayException">It is no WebSocket, or there are too many.</exception>
    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            throw new RelayException(RelayProblem.Malformed, "This route is a WebSocket.");
        var address = addresses.Of(context);
        Enter(address);
        try
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                KeepAliveInterval = Ping,
                KeepAliveTimeout = PongWithin,
                DangerousEnableCompression = false,
            }).ConfigureAwait(false);
            await ServeAsync(socket).ConfigureAwait(false);
        }
        finally
        {
            Leave(address);
        }
    }

    /// <summary>Ends connections that have not taken what was sent to them for too long, or take too long to send one message.</summary>
    /// <returns>How many those were.</returns>
    public int EndStalled()
    {
        var stalled = _open.Keys.Where(connection => connection.Stalled > StalledTooLong || connection.Receiving > ReceivingTooLong).ToList();
        stalled.ForEach(connection => connection.Abort());
        return stalled.Count;
    }

    /// <summary>Takes no new connection, tells the open ones, lets their requests finish, and closes them.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _draining = true;
        var open = _open.Keys.ToList();
        foreach (var connection in open)
            connection.AnnounceDraining();
        try
        {
            await Task.WhenAll(open.Select(connection => connection.DrainAsync(cancellationToken))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // Whoever did not finish in time, or is gone already.
        }

        foreach (var (connection, _) in _open)
            connection.Abort();
    }

    private async Task ServeAsync(WebSocket socket)
    {
        using var connection = new StreamConnection(socket, store, requests, hub, metrics, _budget, time);
        _open.TryAdd(connection, 0);
        try
        {
            await connection.ServeAsync().ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    private void Enter(IPAddress? address)
    {
        lock (_gate)
        {
            if (_draining)
                throw new RelayException(RelayProblem.Unavailable);
            var ofAddress = address is null ? 0 : _byAddress.GetValueOrDefault(address);
            if (_count >= limits.Sockets || ofAddress >= limits.SocketsPerAddress)
                throw new RelayException(RelayProblem.RateLimited) { RetryAfterSeconds = 60 };
            _count++;
            if (address is not null)
                _byAddress[address] = ofAddress + 1;
        }
    }

    private void Leave(IPAddress? address)
    {
        lock (_gate)
        {
            _count--;
            if (address is not null && --_byAddress[address] == 0)
                _byAddress.Remove(address);
        }
    }
}
