using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Handshake;

/// <summary>Carries the two pure handshakes over a stream. The stream belongs to the link that comes out, or stays the caller's on failure.</summary>
internal sealed class HandshakeRunner(ICryptoProvider crypto, TimeProvider time, Identity self)
{
    public async Task<(Link Link, DirectInvite? Invite)> HostAsync(Stream stream, IKeyExchange exchange, Func<ReadOnlyMemory<byte>, DirectInvite?> findInvite, CancellationToken cancellationToken)
    {
        using var offer = await exchange.OfferAsync(cancellationToken).ConfigureAwait(false);
        using var handshake = new HostHandshake(crypto, self, offer, findInvite);
        var frames = new FrameReader(Frame.MaxHandshakeBody);
        try
        {
            var offered = handshake.Offer(await ReadAsync(stream, frames, FrameType.JoinHello, cancellationToken).ConfigureAwait(false));
            await WriteAsync(stream, FrameType.HostOffer, offered, cancellationToken).ConfigureAwait(false);
            var auth = handshake.Authenticate(await ReadAsync(stream, frames, FrameType.JoinReply, cancellationToken).ConfigureAwait(false));
            await WriteAsync(stream, FrameType.HostAuth, auth, cancellationToken).ConfigureAwait(false);
            var result = handshake.Finish(await ReadAsync(stream, frames, FrameType.JoinAuth, cancellationToken).ConfigureAwait(false));
            return (new Link(crypto, time, stream, frames, DirectRole.Host, self, result), handshake.Invite);
        }
        catch (DirectException refusal)
        {
            await TryAlertAsync(stream, refusal.Failure, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="stream">The connection.</param>
    /// <param name="invite">The invite, when there is one.</param>
    /// <param name="proceed">Asked when the host is proven and before the joiner finishes; false gives up this connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Link> JoinAsync(Stream stream, DirectInvite? invite, Func<HandshakeResult, bool> proceed, CancellationToken cancellationToken)
    {
        using var handshake = new JoinHandshake(crypto, self, invite);
        var frames = new FrameReader(Frame.MaxHandshakeBody);
        try
        {
            await WriteAsync(stream, FrameType.JoinHello, handshake.Hello(), cancellationToken).ConfigureAwait(false);
            var reply = handshake.Reply(await ReadAsync(stream, frames, FrameType.HostOffer, cancellationToken).ConfigureAwait(false));
            await WriteAsync(stream, FrameType.JoinReply, reply, cancellationToken).ConfigureAwait(false);
            var (auth, result) = handshake.Finish(await ReadAsync(stream, frames, FrameType.HostAuth, cancellationToken).ConfigureAwait(false));
            if (!proceed(result))
                throw new OperationCanceledException("Another connection to the same host came first.");
            await WriteAsync(stream, FrameType.JoinAuth, auth, cancellationToken).ConfigureAwait(false);
            return new Link(crypto, time, stream, frames, DirectRole.Joiner, self, result);
        }
        catch (DirectException refusal) when (refusal.Failure is DirectFailure.HandshakeRefused or DirectFailure.Malformed)
        {
            await TryAlertAsync(stream, refusal.Failure, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, FrameReader frames, FrameType expected, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TakeBody(frames, expected) is { } body)
                return body;
            var count = await stream.ReadAsync(frames.Space(), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                throw new DirectException(DirectFailure.ConnectionLost, "The other side closed the connection before both had proved who they are.");
            frames.Pushed(count);
        }
    }

    private static byte[]? TakeBody(FrameReader frames, FrameType expected)
    {
        if (!frames.TryTake(out var frame))
            return null;
        if (frame.Type == FrameType.Alert && frame.Body.Length == 1)
            throw Alerted((Alert)frame.Body[0]);
        return frame.Type == expected ? frame.Body.ToArray() : throw DirectException.Malformed("a frame out of turn");
    }

    private static DirectException Alerted(Alert alert) => alert switch
    {
        Alert.InviteUnknown => new(DirectFailure.InviteUnknown, "The host does not know this invite: it was used, or made in an earlier run. Ask for a new one."),
        Alert.InviteUsed => new(DirectFailure.InviteUsed, "Somebody else has already used this invite. Ask for a new one, and ask who it was."),
        Alert.Unsupported => new(DirectFailure.Unsupported, "The other side speaks another version of direct mode."),
        _ => new(DirectFailure.HandshakeRefused, "The other side refused the handshake."),
    };

    private static async Task WriteAsync(Stream stream, FrameType type, byte[] body, CancellationToken cancellationToken)
    {
        var frames = new FrameWriter();
        frames.Add(type, body);
        await stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false);
    }

    private static async Task TryAlertAsync(Stream stream, DirectFailure failure, CancellationToken cancellationToken)
    {
        var alert = failure switch
        {
            DirectFailure.InviteUnknown => Alert.InviteUnknown,
            DirectFailure.InviteUsed => Alert.InviteUsed,
            DirectFailure.Unsupported => Alert.Unsupported,
            _ => Alert.Refused,
        };
        try
        {
            await WriteAsync(stream, FrameType.Alert, [(byte)alert], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is gone; the refusal itself is what the caller learns.
        }
    }
}
