using Sotto.Wire;

namespace Sotto.Client.Joining;

/// <summary>What is to be done next (docs/protocol/joining.md).</summary>
internal enum JoinStage
{
    /// <summary>Take the invite's lane, before anything is made.</summary>
    Reserving = 1,

    /// <summary>Account, keys and registration are there or on their way: claim KeyPackages of the inviter's devices.</summary>
    Claiming,

    /// <summary>Make the group and its first commit.</summary>
    Building,

    /// <summary>Make the channel.</summary>
    CreatingChannel,

    /// <summary>Post the commit that adds the inviter.</summary>
    Committing,

    /// <summary>Upload the shared part of the Welcome.</summary>
    Uploading,

    /// <summary>Post the sealed parts of the Welcome.</summary>
    Introducing,

    /// <summary>Wait for the inviter's first entry.</summary>
    Waiting,
}

/// <summary>A join on its way. Each step is stored here before it is sent and is safe to repeat. Secret.</summary>
internal sealed record JoinRecord
{
    public required Bytes32 Invite { get; init; }

    public required string Link { get; init; }

    /// <summary>The name to go by, if there is no account yet.</summary>
    public required string Name { get; init; }

    /// <summary>Who invites, as the card says.</summary>
    public required string InviterName { get; init; }

    public required bool IsForOne { get; init; }

    public required JoinStage Stage { get; init; }

    public required Bytes32 ReserveKey { get; init; }

    /// <summary>Claims the same KeyPackages again.</summary>
    public required Bytes16 ClaimId { get; init; }

    /// <summary>The inviter's devices.</summary>
    public JoinTarget[] Targets { get; init; } = [];

    public Bytes16? Conversation { get; init; }

    public JoinChannel? Channel { get; init; }

    /// <summary>The sequence of the commit.</summary>
    public ulong CommitSequence { get; init; }

    /// <summary>Posts of the sealed parts, as protobuf.</summary>
    public byte[][] Introductions { get; init; } = [];
}

/// <summary>One device of the inviter.</summary>
internal sealed record JoinTarget
{
    public required Bytes32 Device { get; init; }

    public required Bytes16 IntroChannel { get; init; }

    public required byte[] IntroKey { get; init; }

    /// <summary>The KeyPackage as claimed.</summary>
    public byte[]? Package { get; init; }

    /// <summary>The Welcome's secrets for it: new member, encapsulation, ciphertext.</summary>
    public byte[][] Secrets { get; init; } = [];

    public Bytes32 ClaimToken { get; init; }
}

/// <summary>Everything that makes the conversation's channel at the relay.</summary>
internal sealed record JoinChannel
{
    public required Bytes32 WriteCapability { get; init; }

    public required Bytes32 Voucher { get; init; }

    /// <summary>The post of the commit, as protobuf.</summary>
    public required byte[] Commit { get; init; }

    public required WelcomeBlob Welcome { get; init; }
}

/// <summary>The shared part of a Welcome, as it is uploaded.</summary>
internal sealed record WelcomeBlob(Bytes16 Id, Bytes32 Capability, Bytes32 Voucher, byte[] Content);
