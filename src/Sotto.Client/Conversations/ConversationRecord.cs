using Sotto.Wire;

namespace Sotto.Client.Conversations;

/// <summary>What makes the other person's identity believable.</summary>
public enum Verification
{
    /// <summary>Nothing yet: compare the safety number.</summary>
    None,

    /// <summary>The invite: as good as the channel that the link travelled on.</summary>
    Invite,

    /// <summary>The person here compared the safety number.</summary>
    Compared,
}

/// <summary>A conversation as it is stored, apart from its MLS group. Secret.</summary>
internal sealed record ConversationRecord
{
    public required Bytes16 Id { get; init; }

    public required byte[] Group { get; init; }

    public required Bytes16 Relay { get; init; }

    public required Bytes16 Channel { get; init; }

    public required Bytes16 Mailbox { get; init; }

    public required Bytes32 ReadCapability { get; init; }

    /// <summary>Set until the mailbox is claimed.</summary>
    public Bytes32? ClaimToken { get; init; }

    /// <summary>Whether the channel exists, as far as is known here.</summary>
    public bool IsMade { get; init; }

    /// <summary>The other account.</summary>
    public required Bytes32 Peer { get; init; }

    public required string PeerName { get; init; }

    public ulong PeerProfile { get; init; }

    public Verification Verification { get; init; }

    public Bytes32? Invite { get; init; }

    /// <summary>The last sequence that was dealt with.</summary>
    public ulong Processed { get; init; }

    /// <summary>The counter of the last own content in this group.</summary>
    public ulong Counter { get; init; }

    /// <summary>The counters of the others' contents.</summary>
    public PeerCounter[] PeerCounters { get; init; } = [];

    /// <summary>Where the next message goes.</summary>
    public ulong NextPlace { get; init; }

    /// <summary>What the other person gets to reach this account with.</summary>
    public required OwnContact Contact { get; init; }

    /// <summary>Whether the own first entry is stored for sending.</summary>
    public bool HelloIsWritten { get; init; }

    /// <summary>What the other's first entry brought.</summary>
    public PeerContact? PeerContact { get; init; }

    /// <summary>What the other person is still to learn of their messages.</summary>
    public MessageReport[] Unreported { get; init; } = [];

    /// <summary>The post of an own commit, from when it is made until the relay has decided.</summary>
    public byte[]? PendingCommit { get; init; }

    /// <summary>Takes the read capability's place after the next own commit.</summary>
    public Bytes32? NextReadCapability { get; init; }

    /// <summary>Whether it is to do so now.</summary>
    public bool RekeyIsDue { get; init; }

    /// <summary>When the own keys were last renewed, Unix seconds.</summary>
    public long UpdatedAt { get; init; }

    /// <summary>Own contents since then.</summary>
    public int SentSinceUpdate { get; init; }

    /// <summary>Whether the other's contact lane was closed and what they send is not taken.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Whether the relay is still to hear of that.</summary>
    public bool LaneIsStale { get; init; }

    /// <summary>The counter of the note at the mailbox.</summary>
    public ulong NoteCounter { get; init; }

    /// <summary>Whether the mailbox showed that this store is an old copy or runs twice: nothing is sent or taken any more.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether the relay was restored and is still to get back what it forgot of the channel.</summary>
    public bool IsRestoring { get; init; }

    /// <summary>Up to this sequence an entry may be one that was read before the relay was restored.</summary>
    public ulong ReadBefore { get; init; }

    /// <summary>Read capabilities of before, newest first: a restored relay may know one of them.</summary>
    public Bytes32[] OldReadCapabilities { get; init; } = [];

    /// <summary>The claim token that was used, for the same reason.</summary>
    public Bytes32? OldClaimToken { get; init; }

    /// <summary>The last own content that the other has seen.</summary>
    public ulong SeenByPeer { get; init; }

    /// <summary>Whether a void commit closed its channel, or the relay has it no more: nothing is read or sent there again.</summary>
    public bool IsDead { get; init; }

    /// <summary>Whether it was begun here.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Who made the group of now.</summary>
    public Bytes32? Founder { get; init; }

    /// <summary>The groups whose place the one of now took, the oldest first.</summary>
    public FormerGroup[] FormerGroups { get; init; } = [];

    /// <summary>Set while the channel cannot be followed from here and the other was asked to take this device in again.</summary>
    public RepairState? Repair { get; init; }

    /// <summary>The highest number of an own repair request.</summary>
    public ulong RepairNumber { get; init; }

    /// <summary>Devices of the other that are to be taken in again.</summary>
    public RepairAsked[] RepairsAsked { get; init; } = [];

    /// <summary>Devices of the other that were, each with its highest number.</summary>
    public RepairAnswered[] RepairsAnswered { get; init; } = [];

    /// <summary>When it was last reset by itself, Unix seconds.</summary>
    public long ResetAt { get; init; }

    /// <summary>Whether a reset waits for the person here.</summary>
    public bool NeedsReset { get; init; }

    /// <summary>Whether the person here wants it.</summary>
    public bool ResetIsWanted { get; init; }

    /// <summary>The group that is to be reset when it is not the one of now: the other's device is still there.</summary>
    public byte[]? ResetOf { get; init; }

    /// <summary>Whether a Welcome of the other lies in the store and waits until the channel of now was read.</summary>
    public bool HasOffers { get; init; }

    /// <summary>Whether everything that the other may not have is to be encrypted anew before anything else is posted.</summary>
    public bool SendsAgain { get; init; }
}

/// <summary>A group that another one took the place of, and the account that had made it.</summary>
internal sealed record FormerGroup(byte[] Group, Bytes32? Founder);

/// <summary>An own repair request: made, sealed and stored before it is sent.</summary>
internal sealed record RepairState
{
    /// <summary>0 until it is made.</summary>
    public ulong Number { get; init; }

    /// <summary>The request as signed.</summary>
    public byte[]? Request { get; init; }

    /// <summary>When it was made, Unix seconds.</summary>
    public long At { get; init; }

    /// <summary>Posts to the other's devices, as protobuf, until they are sent.</summary>
    public byte[][] Posts { get; init; } = [];

    public bool IsSent { get; init; }
}

/// <summary>A repair request that came: whose, and what it brought.</summary>
internal sealed record RepairAsked(Bytes32 Device, ulong Number, byte[] Request);

/// <summary>When a device was last taken in again, Unix seconds.</summary>
internal sealed record RepairAnswered(Bytes32 Device, ulong Number, long At);

/// <summary>What happened to one of the other's messages.</summary>
internal sealed record MessageReport(byte[] Message, bool IsRead);

/// <summary>The last counter of a leaf.</summary>
internal sealed record PeerCounter(Bytes32 Device, ulong Last);

/// <summary>The contact token and lane that one contact has.</summary>
internal sealed record OwnContact(Bytes32 Token, Bytes32 Lane, bool IsOpen);

/// <summary>How to reach a contact outside of the conversation.</summary>
internal sealed record PeerContact(Bytes32 Token, Bytes32 Lane);
