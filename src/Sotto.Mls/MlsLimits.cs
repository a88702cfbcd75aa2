namespace Sotto.Mls;

/// <summary>
/// Bounds on what a group keeps and accepts. The defaults are what a messenger needs. Members of one group use the same ones:
/// who refuses what the others accept cannot follow them.
/// </summary>
public sealed record MlsLimits
{
    /// <summary>The defaults.</summary>
    public static MlsLimits Default { get; } = new();

    /// <summary>How many keys of jumped-over generations are kept for one sender and kind of message.</summary>
    public int SkippedKeys { get; init; } = 100;

    /// <summary>How many generations one message may jump ahead (RFC 9420 §15.3).</summary>
    public uint ForwardJump { get; init; } = 1_000;

    /// <summary>For how many past epochs application messages still open.</summary>
    public int PastEpochs { get; init; } = 2;

    /// <summary>For how many past epochs the resumption PSK is kept (RFC 9420 §8.6).</summary>
    public int PastResumptionPsks { get; init; } = 2;

    /// <summary>How many leaves a tree may have.</summary>
    public int Leaves { get; init; } = 65_536;

    /// <summary>How many proposals one commit may have.</summary>
    public int Proposals { get; init; } = 16_384;

    /// <summary>How many proposals of one sender may wait for a commit; all from new clients count as one sender's.</summary>
    public int ProposalsPerSender { get; init; } = 256;

    /// <summary>How long the lifetime of a KeyPackage may be at most (RFC 9420 §7.2); <see cref="TimeSpan.MaxValue"/> for ever.</summary>
    public TimeSpan KeyPackageLifetime { get; init; } = TimeSpan.FromDays(84) + TimeSpan.FromHours(1);

    /// <summary>
    /// How many messages of one kind a member may send in an epoch before it must commit. Each has a key of its own, so
    /// that the AEAD's limits are met by far (draft-irtf-cfrg-aead-limits).
    /// </summary>
    public uint MessagesPerEpoch { get; init; } = 1 << 24;

    /// <summary>The most bytes that an application message may have as it is sent, with padding and authenticated data.</summary>
    public int MessageLength { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most bytes that a proposal may have as it is sent by itself.</summary>
    public int ProposalLength { get; init; } = 256 * 1024;

    /// <summary>The most bytes that a commit may have as it is sent; one that adds thousands is large.</summary>
    public int CommitLength { get; init; } = 64 * 1024 * 1024;

    /// <summary>The most bytes that a Welcome may have; the tree of a group of thousands is in it.</summary>
    public int WelcomeLength { get; init; } = 256 * 1024 * 1024;

    /// <summary>The most bytes that a GroupInfo may have; the tree of a group of thousands is in it.</summary>
    public int GroupInfoLength { get; init; } = 256 * 1024 * 1024;

    /// <summary>The most bytes that a KeyPackage may have.</summary>
    public int KeyPackageLength { get; init; } = 64 * 1024;

    /// <summary>The most bytes that a message of a format may have, whatever its content is.</summary>
    internal int LengthOf(Framing.WireFormat format) => format switch
    {
        Framing.WireFormat.Welcome => WelcomeLength,
        Framing.WireFormat.GroupInfo => GroupInfoLength,
        Framing.WireFormat.KeyPackage => KeyPackageLength,
        _ => Math.Max(CommitLength, Math.Max(MessageLength, ProposalLength)),
    };

    /// <summary>The most bytes that a message of a kind of content may have.</summary>
    internal int LengthOf(Framing.ContentType? content) => content switch
    {
        Framing.ContentType.Application => MessageLength,
        Framing.ContentType.Proposal => ProposalLength,
        _ => CommitLength,
    };
}
