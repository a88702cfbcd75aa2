using Sotto.Client.Joining;
using Sotto.Wire;

namespace Sotto.Client.Repairing;

/// <summary>What is to be done next for a Welcome to a contact.</summary>
internal enum FoundingStage
{
    /// <summary>Find the contact's devices and claim a KeyPackage of each.</summary>
    Claiming = 1,

    /// <summary>Make the group and its first commit.</summary>
    Building,

    /// <summary>Make the channel.</summary>
    CreatingChannel,

    /// <summary>Post the commit; of a repair, until the channel has decided.</summary>
    Committing,

    /// <summary>Upload the shared part of the Welcome.</summary>
    Uploading,

    /// <summary>Post the sealed parts of the Welcome.</summary>
    Introducing,
}

/// <summary>A reset, or the answer to a repair request, on its way. Each step is stored here before it is sent and is safe to repeat. Secret.</summary>
internal sealed record FoundingRecord
{
    public required Bytes16 Conversation { get; init; }

    public required FoundingStage Stage { get; init; }

    /// <summary>Of a reset: the group whose place is taken.</summary>
    public byte[]? OldGroup { get; init; }

    /// <summary>Of the answer to a repair request: which one.</summary>
    public RepairKey? Repair { get; init; }

    /// <summary>Claims the same KeyPackages again.</summary>
    public required Bytes16 ClaimId { get; init; }

    /// <summary>The contact's lane that the sealed parts go through.</summary>
    public required Bytes32 Lane { get; init; }

    public JoinTarget[] Targets { get; init; } = [];

    /// <summary>Of a reset: the new channel.</summary>
    public JoinChannel? Channel { get; init; }

    public WelcomeBlob? Welcome { get; init; }

    public ulong CommitSequence { get; init; }

    /// <summary>Posts of the sealed parts, as protobuf.</summary>
    public byte[][] Introductions { get; init; } = [];
}

/// <summary>Names a repair request.</summary>
internal sealed record RepairKey(Bytes32 Device, ulong Number);
