using Sotto.Wire;

namespace Sotto.Client;

/// <summary>Something that happened. Everything in it is stored already.</summary>
public abstract record ClientEvent;

/// <summary>Somebody joined with an own invite, or an own join is complete: both can talk.</summary>
/// <param name="Conversation">The conversation.</param>
public sealed record ConversationStarted(Conversation Conversation) : ClientEvent;

/// <summary>A message came.</summary>
/// <param name="Conversation">Where.</param>
/// <param name="Message">The message.</param>
public sealed record MessageReceived(Conversation Conversation, Message Message) : ClientEvent;

/// <summary>An own message went a step further.</summary>
/// <param name="Conversation">Where.</param>
/// <param name="Message">The message.</param>
public sealed record MessageChanged(Conversation Conversation, Message Message) : ClientEvent;

/// <summary>Something about keys, devices, the relay or lost messages that the person must be able to see.</summary>
/// <param name="Conversation">Where; null when it is about no conversation.</param>
/// <param name="Kind">What.</param>
/// <param name="Count">How many, where that has a meaning.</param>
public sealed record NoticeRaised(Conversation? Conversation, NoticeKind Kind, ulong Count = 0) : ClientEvent;

/// <summary>The connection to a relay came or went.</summary>
/// <param name="Relay">Its fingerprint.</param>
/// <param name="IsConnected">Whether it is there.</param>
public sealed record ConnectionChanged(Bytes16 Relay, bool IsConnected) : ClientEvent;

/// <summary>An own invite was used, or ended in another way.</summary>
/// <param name="Invite">Names it.</param>
public sealed record InviteEnded(Bytes32 Invite) : ClientEvent;

/// <summary>What a notice is about.</summary>
public enum NoticeKind
{
    /// <summary>Messages of the other person are missing.</summary>
    MessagesMissing,

    /// <summary>Something came that could not be opened.</summary>
    NotOpened,

    /// <summary>Something came that this version cannot show.</summary>
    NotShown,

    /// <summary>Keys of the conversation were renewed by a member.</summary>
    KeysRenewed,

    /// <summary>A commit is void, or the relay told something else than the members: the channel cannot be used any more.</summary>
    ChannelDead,

    /// <summary>A second person answered an invite for one: neither counts as verified.</summary>
    SecondWelcome,

    /// <summary>A Welcome came that was refused.</summary>
    WelcomeRefused,

    /// <summary>The relay was restored from a backup.</summary>
    RelayRestored,

    /// <summary>The relay took a commit without a receipt that verifies: after a restore it would not take it back.</summary>
    ReceiptRefused,

    /// <summary>What answers at the relay's address is not the relay.</summary>
    RelayNotGenuine,

    /// <summary>This profile is an old copy, or runs twice: the conversation is not written to or read any more.</summary>
    OldCopy,

    /// <summary>What the relay keeps for this device at a mailbox is not what the device left there.</summary>
    NoteForeign,

    /// <summary>The channel cannot be followed from here any more: the other person's device was asked to take this one in again.</summary>
    RepairAsked,

    /// <summary>This device was taken in again; what the other had not seen is sent again.</summary>
    Repaired,

    /// <summary>A device of the other person was taken in again.</summary>
    PeerRepaired,

    /// <summary>The conversation was begun anew in a new channel, by one of the two; what was not seen is sent again.</summary>
    ConversationReset,

    /// <summary>The channel is dead again within a day: <see cref="Conversation.ResetAsync"/> begins it anew.</summary>
    ResetNeeded,

    /// <summary>A commit told the relay of other mailboxes than the members know of.</summary>
    MailboxesDiffer,

    /// <summary>Somebody else has the mailbox of this device.</summary>
    MailboxTaken,

    /// <summary>Something came that another history of the conversation would explain. Relay or member can also make it up.</summary>
    ForkHint,

    /// <summary>Another process opened the mailbox.</summary>
    OpenedElsewhere,
}
