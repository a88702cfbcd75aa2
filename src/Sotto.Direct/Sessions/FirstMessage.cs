using Sotto.Direct.Conversations;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>The message with which each side begins on a new connection.</summary>
internal static class FirstMessage
{
    /// <exception cref="DirectException">It is something else, the peer refused, or the connection ended.</exception>
    public static async Task<ResumeMessage> ReadAsync(Link link, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(link, out var resume))
                return resume;
            if (!await link.FillAsync(cancellationToken).ConfigureAwait(false))
                throw new DirectException(DirectFailure.ConnectionLost, "The other side closed the connection.");
        }
    }

    /// <summary>Says why the conversation does not begin, or does not go on.</summary>
    public static async Task RefuseAsync(Link link, RefusalReason reason, CancellationToken cancellationToken)
    {
        link.Seal(MessageType.Refused, [(byte)reason]);
        await link.FlushAsync(cancellationToken).ConfigureAwait(false);
        await link.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    public static DirectException Meaning(RefusalReason reason, string name) => reason switch
    {
        RefusalReason.Busy => new(DirectFailure.Busy, $"{name} is talking with somebody else. Try again later."),
        RefusalReason.InviteUsed => new(DirectFailure.InviteUsed, $"Somebody else has already used this invite. Ask {name} for a new one, and who it was."),
        RefusalReason.KeyChanged => new(DirectFailure.KeyChanged, $"{name} remembers another key under your name and refused. Talk to {name} in another way: they have to forget the old key (sotto direct peers forget …), or you take another --name."),
        RefusalReason.CodeRefused => new(DirectFailure.CodeRefused, $"{name} says that the spoken codes differ. Somebody may be in between; the conversation has ended."),
        RefusalReason.NotVerified => new(DirectFailure.HandshakeRefused, $"{name} runs without anybody at a keyboard and takes only people it knows. Ask {name} for an invite."),
        _ => new(DirectFailure.ConnectionLost, $"{name} ended the conversation."),
    };

    private static bool TryTake(Link link, out ResumeMessage resume)
    {
        resume = default;
        if (!link.TryTake(out var message))
            return false;
        if (message.Type == MessageType.Refused && message.Body is [var reason])
            throw Meaning((RefusalReason)reason, link.Handshake.Peer.Name);
        resume = message.Type == MessageType.Resume ? ResumeMessage.Decode(message.Body) : throw DirectException.Malformed("a message before its resumption");
        return true;
    }
}
