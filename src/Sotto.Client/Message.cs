using System.Text;
using Sotto.Client.Accounts;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Sending;

namespace Sotto.Client;

/// <summary>A message as it is stored. What it says is somebody's word: clean it before it is shown on a terminal.</summary>
public sealed class Message
{
    internal Message(ClientState state, ConversationRecord conversation, ulong place, MessageRecord record)
    {
        (Place, Record) = (place, record);
        Content = MimiContent.Decode(record.Content);
        IsOwn = record.Status != MessageStatus.Received;
        Sender = IsOwn ? state.RequireAccount().Name : conversation.PeerName;
        SenderAccount = IsOwn ? state.RequireAccount().Id : new(conversation.Peer);
    }

    /// <summary>Its identifier, the same for everybody.</summary>
    public MessageId Id => new(Record.Id);

    /// <summary>Its place in the conversation here; later messages have higher ones.</summary>
    public ulong Place { get; }

    /// <summary>The name that the sender's profile has.</summary>
    public string Sender { get; }

    /// <summary>The sender's account.</summary>
    public AccountId SenderAccount { get; }

    /// <summary>Whether it was sent here.</summary>
    public bool IsOwn { get; }

    /// <summary>Whether it was shown to the person here.</summary>
    public bool IsShown => Record.IsShown;

    /// <summary>How far it is.</summary>
    public MessageStatus Status => Record.Status;

    /// <summary>When it was sent, by the sender's clock.</summary>
    public DateTimeOffset SentAt => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(Record.SentAt, 0, 253_402_300_799_999));

    /// <summary>What it says.</summary>
    public string Text => Content.Body is SinglePart part ? Encoding.UTF8.GetString(part.Content.Span) : "";

    /// <summary>The message that it answers.</summary>
    public MessageId? InReplyTo => Content.InReplyTo;

    internal MimiContent Content { get; }

    internal MessageRecord Record { get; }
}
