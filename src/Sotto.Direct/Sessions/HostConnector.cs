using System.Net.Sockets;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>
/// Tries all addresses of a host side by side. Each connection gets as far as proving the host; the first that does goes on,
/// the others are closed before the joiner finishes, so the host sees one joiner.
/// </summary>
internal sealed class HostConnector(DirectSettings settings, TimeSpan limit)
{
    /// <summary>Connects.</summary>
    /// <param name="addresses">Where the host may be.</param>
    /// <param name="invite">The invite, for the first connection.</param>
    /// <param name="check">Throws when the proven host is not the one that is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The link, which the caller disposes, and the address that answered.</returns>
    /// <exception cref="DirectException">No address led to the host; the most telling reason.</exception>
    public async Task<(Link Link, HostAddress Address)> ConnectAsync(IReadOnlyList<HostAddress> addresses, DirectInvite? invite, Action<HandshakeResult, HostAddress> check, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var taken = 0;
        bool TakeTheRace() => Interlocked.Exchange(ref taken, 1) == 0;
        var attempts = addresses.Select(address => TryAsync(address, invite, check, TakeTheRace, either.Token)).ToList();
        DirectException? failure = null;
        while (attempts.Count > 0)
        {
            var done = await Task.WhenAny(attempts).ConfigureAwait(false);
            attempts.Remove(done);
            switch (await done.ConfigureAwait(false))
            {
                case { Link: { } link } won:
                    await either.CancelAsync().ConfigureAwait(false);
                    await Task.WhenAll(attempts).ConfigureAwait(false);
                    return (link, won.Address);
                case { Failure: { } reason }:
                    failure = MoreTelling(failure, reason);
                    break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw failure ?? NoAnswer(addresses, null);
    }

    private async Task<Attempt> TryAsync(HostAddress address, DirectInvite? invite, Action<HandshakeResult, HostAddress> check, Func<bool> takeTheRace, CancellationToken cancellationToken)
    {
        NetworkStream? stream = null;
        try
        {
            stream = await OpenAsync(address, cancellationToken).ConfigureAwait(false);
            var runner = new HandshakeRunner(settings.Crypto, settings.Time, settings.Self);
            var link = await runner.JoinAsync(stream, invite, Proceed, cancellationToken).ConfigureAwait(false);
            stream = null;
            return new(address, link, null);
        }
        catch (DirectException refusal)
        {
            return new(address, null, refusal);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return new(address, null, NoAnswer([address], e));
        }
        finally
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
        }

        bool Proceed(HandshakeResult proven)
        {
            check(proven, address);
            return takeTheRace();
        }
    }

    private static async Task<NetworkStream> OpenAsync(HostAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static DirectException MoreTelling(DirectException? one, DirectException other) =>
        one is null || one.Failure == DirectFailure.ConnectionLost ? other : one;

    private static DirectException NoAnswer(IReadOnlyList<HostAddress> addresses, Exception? cause) => new(
        DirectFailure.ConnectionLost,
        $"No host answered at {string.Join(", ", addresses)}{(cause is SocketException socket ? $" ({socket.Message})" : "")}. Is it running, and is the address reachable from here?",
        cause);

    private sealed record Attempt(HostAddress Address, Link? Link, DirectException? Failure);
}
