using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>What a commit that was checked completely does to the group.</summary>
/// <param name="View">What changes, for people and policies.</param>
/// <param name="Proposals">The proposals by kind.</param>
/// <param name="Next">The new epoch; null when the commit removes this client.</param>
internal sealed record CommitOutcome(CommitView View, ProposalList Proposals, EpochState? Next);

/// <summary>The group as a commit makes it, before its keys are known.</summary>
internal sealed record GroupAfterCommit(GroupContext Context, RatchetTree Tree) : IGroupView
{
    public IEnumerable<Member> Members => Tree.Leaves().Select(leaf => new Member(leaf.Index, leaf.Leaf));

    public LeafNode? Find(LeafIndex leaf) => Tree.Leaf(leaf);
}
