using Sotto.Mls.Extensions;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// A group's tree and extensions after the proposals of a commit and before its path (RFC 9420 §12.3).
/// </summary>
internal sealed record ProposalApplication(
    TreeEditor Tree, ExtensionList Extensions, IReadOnlyList<(LeafIndex Leaf, KeyPackage KeyPackage)> Added)
{
    /// <summary>The nodes of the added leaves, which a path is not encrypted to.</summary>
    public IReadOnlySet<int> AddedNodes { get; } = Added.Select(added => added.Leaf.Node).ToHashSet();

    /// <summary>Applies valid proposals in the order that RFC 9420 §12.3 gives.</summary>
    public static ProposalApplication Apply(EpochState group, ProposalList list, MlsLimits limits)
    {
        var extensions = list.GroupContextExtensions.Count > 0 ? list.GroupContextExtensions[0].Extensions : group.Context.Extensions;
        var tree = group.Tree.Edit();
        foreach (var (leaf, update, _) in list.Updates)
            tree.Update(leaf, update.LeafNode);
        foreach (var leaf in list.Removed)
            tree.Remove(leaf);
        if (list.Removed.Count > 0)
            tree.Truncate();

        var added = new List<(LeafIndex, KeyPackage)>(list.Adds.Count);
        foreach (var add in list.Adds)
            added.Add((tree.Add(add.KeyPackage.LeafNode, limits), add.KeyPackage));
        tree.FinishAdding();
        return new ProposalApplication(tree, extensions, added);
    }
}
