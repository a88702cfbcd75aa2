using Sotto.Crypto;
using Sotto.Direct.Handshake;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Conversations;

/// <summary>
/// Takes one opened message after the other and changes the conversation accordingly. Whatever does not fit the state is
/// the peer's mistake and ends the connection, never the program.
/// </summary>
internal sealed class ConversationReceiver(Conversation conversation, Link link, ConversationSender sender, DirectRole role)
{
    private bool _expectsResume;
    private Secret? _nextReceiving;

    /// <summary>The peer has said goodbye; nothing follows.</summary>
    public bool ByeReceived { get; private set; }

    /// <summary>The peer has refused, with the reason, and closes.</summary>
    public RefusalReason? Refused { get; private set; }

    /// <summary>Set by the host while an offer of its own is open.</summary>
    public bool ExpectsAnswer { get; set; }

    /// <summary>Handles a message; what comes back is to be published before the next one is taken.</summary>
    public DirectEvent? Handle(Message message)
    {
        if (_expectsResume && message.Type != MessageType.Resume)
            throw DirectException.Malformed("a message before its resumption");
        switch (message.Type)
        {
            case MessageType.Resume when _expectsResume:
                return Resumed(ResumeMessage.Decode(message.Body));
            case MessageType.Line:
                return Line(message);
            case MessageType.Ack:
                return Confirmed(ReadNumber(message.Body));
            case MessageType.Ping when message.Body.IsEmpty:
                return null;
            case MessageType.ExchangeOffer when role == DirectRole.Joiner:
                return Offered(message.Body);
            case MessageType.ExchangeAnswer when role == DirectRole.Host && ExpectsAnswer:
                return Answered(message.Body);
            case MessageType.ExchangeSwitch when role == DirectRole.Joiner && _nextReceiving is not null && message.Body.IsEmpty:
                return Switched();
            case MessageType.End:
                return Ended(ReadNumber(message.Body));
            case MessageType.Bye when message.Body.IsEmpty:
                return Bye();
            case MessageType.Refused:
                Refused = ReadReason(message.Body);
                return null;
            case >= MessageType.FileOffer and <= MessageType.FileCancel:
                return conversation.Files.Handle(message, sender);
            default:
                throw DirectException.Malformed("a message out of turn");
        }
    }

    public void Drop() => _nextReceiving?.Dispose();

    private LineReceived? Line(Message message)
    {
        var reader = new WireReader(message.Body);
        var number = reader.UInt64();
        var shape = (LineShape)reader.Byte();
        var text = reader.Rest();
        if (!reader.AtEnd || shape > LineShape.Unterminated || number > (ulong)conversation.Received + 1 || conversation.PeerLast < (long)number)
            throw DirectException.Malformed("a line");
        if ((long)number <= conversation.Received)
            return null;
        conversation.Received = (long)number;
        return new LineReceived(conversation.Peer!, (long)number, text.ToArray(), shape, message.SentAt);
    }

    private LinesShown Confirmed(long number)
    {
        if (!conversation.Outbox.TryConfirm(number))
            throw DirectException.Malformed("a confirmation");
        conversation.Wake.Set();
        return new LinesShown(number);
    }

    private DirectEvent? Resumed(ResumeMessage resume)
    {
        _expectsResume = false;
        if (!resume.Conversation.Span.SequenceEqual(conversation.Id))
            throw DirectException.Malformed("a resumption");
        conversation.Publish(Confirmed(resume.Shown));
        return new KeysRenewed(link.Rounds.Finished);
    }

    private DirectEvent? Offered(ReadOnlySpan<byte> body)
    {
        if (_nextReceiving is not null)
            throw DirectException.Malformed("a second exchange");
        var (answer, root) = link.Rounds.Answer(body);
        _nextReceiving = Secret.CopyOf(root.Bytes);
        sender.QueueThenSwitch(MessageType.ExchangeAnswer, answer, root);
        return null;
    }

    private DirectEvent? Answered(ReadOnlySpan<byte> body)
    {
        ExpectsAnswer = false;
        var root = link.Rounds.Conclude(body);
        link.SwitchReceiving(root);
        sender.QueueThenSwitch(MessageType.ExchangeSwitch, default, root);
        _expectsResume = true;
        return null;
    }

    private DirectEvent? Switched()
    {
        link.SwitchReceiving(_nextReceiving!);
        _nextReceiving!.Dispose();
        _nextReceiving = null;
        _expectsResume = true;
        return null;
    }

    private DirectEvent? Ended(long last)
    {
        if (last != conversation.Received || (conversation.PeerLast is { } before && before != last))
            throw DirectException.Malformed("an end");
        var first = conversation.PeerLast is null;
        conversation.PeerLast = last;
        sender.ConfirmAtOnce = true;
        conversation.Wake.Set();
        return first ? new PeerFinished(conversation.Peer!) : null;
    }

    private DirectEvent? Bye()
    {
        ByeReceived = true;
        conversation.PeerLeaving = true;
        sender.ConfirmAtOnce = true;
        conversation.Wake.Set();
        return null;
    }

    private static long ReadNumber(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var number = reader.UInt64();
        return reader.AtEnd && number <= long.MaxValue ? (long)number : throw DirectException.Malformed("a number");
    }

    private static RefusalReason ReadReason(ReadOnlySpan<byte> body) =>
        body is [var reason and >= 1 and <= 6] ? (RefusalReason)reason : throw DirectException.Malformed("a refusal");
}

/// <summary>Why a side with a proven identity does not go on.</summary>
internal enum RefusalReason : byte
{
    Busy = 1,
    InviteUsed = 2,
    KeyChanged = 3,
    CodeRefused = 4,
    Ended = 5,
    NotVerified = 6,
}
