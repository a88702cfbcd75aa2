using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>A group in one epoch, as policies see it: what all members agree on.</summary>
public interface IGroupView
{
    /// <summary>The group context.</summary>
    GroupContext Context { get; }

    /// <summary>The members, from the left.</summary>
    IEnumerable<Member> Members { get; }

    /// <summary>One member's leaf; null when there is none at this place.</summary>
    LeafNode? Find(LeafIndex leaf);
}

/// <summary>A member and its place.</summary>
/// <param name="Index">The leaf's index.</param>
/// <param name="Leaf">The leaf.</param>
public readonly record struct Member(LeafIndex Index, LeafNode Leaf);

/// <summary>A proposal and who made it.</summary>
/// <param name="Proposal">The proposal.</param>
/// <param name="Sender">Its sender; of one in a commit by value, the committer.</param>
/// <param name="ByReference">Whether it was sent by itself before.</param>
public sealed record SentProposal(Proposal Proposal, Sender Sender, bool ByReference);

/// <summary>A commit that is about to take effect, made or received.</summary>
/// <param name="Before">The group as it is.</param>
/// <param name="After">The group as the commit makes it, without the transcript hash of the new epoch.</param>
/// <param name="Committer">Who commits.</param>
/// <param name="CommitterLeaf">The committer's place after the commit.</param>
/// <param name="Proposals">What takes effect.</param>
/// <param name="HasPath">Whether the committer renews its keys.</param>
/// <param name="AuthenticatedData">The authenticated data of the commit's message.</param>
public sealed record CommitView(
    IGroupView Before,
    IGroupView After,
    Sender Committer,
    LeafIndex CommitterLeaf,
    IReadOnlyList<SentProposal> Proposals,
    bool HasPath,
    ReadOnlyMemory<byte> AuthenticatedData);

/// <summary>
/// The application's rules beyond RFC 9420 §12.2: who may change what. Pure functions of their arguments, or members
/// would part. Whoever makes a commit is held to them as well.
/// </summary>
public interface IGroupPolicy
{
    /// <summary>Whether a proposal that was sent by itself may wait for a commit.</summary>
    bool Allows(IGroupView group, SentProposal proposal);

    /// <summary>Whether a commit may take effect.</summary>
    bool Allows(CommitView commit);
}

/// <summary>A policy that allows what RFC 9420 allows, but for changes from outside the group.</summary>
public sealed class MembersOnlyPolicy : IGroupPolicy
{
    /// <summary>The one instance.</summary>
    public static MembersOnlyPolicy Instance { get; } = new();

    /// <inheritdoc/>
    public bool Allows(IGroupView group, SentProposal proposal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        return proposal.Sender.Type == SenderType.Member;
    }

    /// <inheritdoc/>
    public bool Allows(CommitView commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return commit.Committer.Type == SenderType.Member && commit.Proposals.All(proposal => proposal.Sender.Type == SenderType.Member);
    }
}

/// <summary>A policy that allows everything that RFC 9420 allows.</summary>
public sealed class OpenPolicy : IGroupPolicy
{
    /// <summary>The one instance.</summary>
    public static OpenPolicy Instance { get; } = new();

    /// <inheritdoc/>
    public bool Allows(IGroupView group, SentProposal proposal) => true;

    /// <inheritdoc/>
    public bool Allows(CommitView commit) => true;
}
