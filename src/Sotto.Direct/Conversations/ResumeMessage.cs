using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Conversations;

/// <summary>
/// The first message under every new key: which conversation this is and how far it was shown. It counts for a known
/// conversation of the same identity and otherwise means "begin with me".
/// </summary>
internal readonly record struct ResumeMessage(ReadOnlyMemory<byte> Conversation, long Shown, bool HasConversation, bool HasVerifiedYou)
{
    public static ResumeMessage Of(Conversation conversation, bool hasConversation) =>
        new(conversation.Id, conversation.Shown, hasConversation, conversation.Peer is { IsVerified: true });

    public void Seal(Link link)
    {
        var writer = new WireWriter(link.Body);
        writer.Bytes(Conversation.Span);
        writer.UInt64((ulong)Shown);
        writer.Byte((byte)((HasVerifiedYou ? 1 : 0) | (HasConversation ? 2 : 0)));
        link.Seal(MessageType.Resume, writer.Length);
    }

    public static ResumeMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var id = reader.Bytes(Conversations.Conversation.IdLength).ToArray();
        var shown = reader.UInt64();
        var flags = reader.Byte();
        if (!reader.AtEnd || shown > long.MaxValue || flags > 3)
            throw DirectException.Malformed("a resumption");
        return new(id, (long)shown, (flags & 2) != 0, (flags & 1) != 0);
    }
}
