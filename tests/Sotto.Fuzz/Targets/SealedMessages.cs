using System.Buffers.Binary;
using System.Threading.Channels;
using Sotto.Direct;
using Sotto.Direct.Conversations;
using Sotto.Direct.Handshake;
using Sotto.Direct.Links;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// A conversation with a peer that holds the right keys and says anything. The input is <c>uint8 own lines (2 bits) and
/// whether lines are shown | messages</c>, each <c>uint8 type | uint16 length | body</c>; some types stand for messages that
/// cannot be written down beforehand.
/// </summary>
internal static class SealedMessages
{
    /// <summary>A resumption of this very conversation; the body is one byte for the last line shown.</summary>
    public const byte TrueResume = 0xF1;

    /// <summary>To a host: a true answer to a new exchange. To a joiner: a true offer.</summary>
    public const byte TrueExchange = 0xF5;

    private const int MostMessages = 12;

    private static readonly PeerWithKeys AgainstHost = new(DirectRole.Host);
    private static readonly PeerWithKeys AgainstJoiner = new(DirectRole.Joiner);

    public static void Run(ref InputReader input, DirectRole role)
    {
        var peer = role == DirectRole.Host ? AgainstHost : AgainstJoiner;
        peer.Restart();
        using var conversation = new Conversation(peer.Crypto, Channel.CreateUnbounded<DirectEvent>().Writer, endsWithPeer: true) { Peer = peer.AsSeen };
        var sender = new ConversationSender(conversation, peer.Link);
        var receiver = new ConversationReceiver(conversation, peer.Link, sender, role);
        conversation.Files.Reattach(sender);
        try
        {
            Talk(ref input, peer, conversation, sender, receiver);
        }
        catch (DirectException)
        {
            // The peer broke the rules, and the connection ends.
        }
        finally
        {
            receiver.Drop();
            sender.DropQueue();
        }

        Check(conversation, 0);
    }

    private static void Talk(ref InputReader input, PeerWithKeys peer, Conversation conversation, ConversationSender sender, ConversationReceiver receiver)
    {
        var setting = input.Byte();
        for (var line = 0; line < (setting & 3); line++)
            conversation.SendAsync("own line"u8.ToArray(), LineShape.Line, default).AsTask().GetAwaiter().GetResult();
        sender.SealPending();
        for (var i = 0; i < MostMessages && !input.Rest.IsEmpty && !receiver.ByeReceived; i++)
        {
            var type = input.Byte();
            var body = input.Take(input.UInt16());
            var before = conversation.Received;
            if (receiver.Handle(Next(type, body, peer, conversation, sender, receiver)) is LineReceived line && (setting & 4) != 0)
                conversation.Acknowledge(line.Number);
            Check(conversation, before);
        }

        sender.SealPending();
    }

    private static Message Next(byte type, ReadOnlySpan<byte> body, PeerWithKeys peer, Conversation conversation, ConversationSender sender, ConversationReceiver receiver)
    {
        switch (type)
        {
            case TrueResume:
                Span<byte> resume = stackalloc byte[Conversation.IdLength + 9];
                conversation.Id.CopyTo(resume);
                BinaryPrimitives.WriteUInt64BigEndian(resume[Conversation.IdLength..], body is [var shown, ..] ? shown : 0UL);
                return peer.Say(MessageType.Resume, resume);
            case TrueExchange:
                return peer.Exchange(sender, receiver);
            default:
                return peer.Say((MessageType)type, body);
        }
    }

    private static void Check(Conversation conversation, long receivedBefore)
    {
        FindingException.ThrowUnless(conversation.Received >= receivedBefore, "a received line was taken back");
        FindingException.ThrowUnless(conversation.Shown >= 0 && conversation.Shown <= conversation.Received, "more lines shown than received");
        FindingException.ThrowUnless(conversation.Outbox.Unconfirmed >= 0 && conversation.Outbox.Unconfirmed <= conversation.Outbox.LastNumber, "more lines unconfirmed than sent");
    }
}
