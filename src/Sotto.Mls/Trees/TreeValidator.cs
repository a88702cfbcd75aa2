using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>
/// What a joiner checks of a tree's structure (RFC 9420 §12.4.3.1, §7.9.2): unmerged leaves, unique keys, parent hashes.
/// The leaves themselves are checked by <see cref="LeafValidator"/>. Linear in the size of the tree's encoding.
/// </summary>
internal static class TreeValidator
{
    public static void Validate(SuiteCrypto crypto, RatchetTree tree)
    {
        foreach (var (node, parent) in tree.Parents())
            CheckUnmergedLeaves(tree, node, parent);
        CheckUniqueKeys(tree);
        foreach (var (node, parent) in tree.Parents())
            Check.That(IsParentHashValid(crypto, tree, node, parent), MlsRule.ParentHashValid);
    }

    /// <summary>Each is a leaf below that is not blank, and stands in every parent between.</summary>
    private static void CheckUnmergedLeaves(RatchetTree tree, int node, ParentNode parent)
    {
        foreach (var unmerged in parent.Unmerged)
        {
            var leaf = new LeafIndex(unmerged);
            if (unmerged >= tree.Width || !TreeMath.IsWithin(leaf.Node, node))
                throw new MlsException(MlsRule.UnmergedLeafBelow);
            Check.That(tree.Leaf(leaf) is not null, MlsRule.UnmergedLeafOccupied);
            for (var between = TreeMath.Parent(leaf.Node); between != node; between = TreeMath.Parent(between))
                Check.That(tree.Parent(between) is not { } lower || Array.BinarySearch(lower.Unmerged, unmerged) >= 0, MlsRule.UnmergedLeafBetween);
        }
    }

    /// <summary>No two leaves have a signature key in common, no two nodes an encryption key (§7.3, §12.4.3.1).</summary>
    public static void CheckUniqueKeys(NodeArray tree)
    {
        var encryptionKeys = new HashSet<TreeNode>(NodeKeyComparer.Instance);
        var signatureKeys = new HashSet<LeafNode>(SignatureKeyComparer.Instance);
        foreach (var (_, leaf) in tree.Leaves())
        {
            Check.That(encryptionKeys.Add(leaf), MlsRule.UniqueEncryptionKeys);
            Check.That(signatureKeys.Add(leaf), MlsRule.UniqueSignatureKeys);
        }

        foreach (var (_, parent) in tree.Parents())
            Check.That(encryptionKeys.Add(parent), MlsRule.UniqueParentKeys);
    }

    /// <summary>Exactly one node below was set together with the parent (§7.9.2).</summary>
    private static bool IsParentHashValid(SuiteCrypto crypto, RatchetTree tree, int node, ParentNode parent)
    {
        var left = TreeMath.Left(node);
        var right = TreeMath.Right(node);
        return IsValidBelow(crypto, tree, parent, left, right) != IsValidBelow(crypto, tree, parent, right, left);
    }

    /// <summary>
    /// Whether a node D in the resolution of the child carries the parent's hash, and all others there are the parent's
    /// unmerged leaves under the child.
    /// </summary>
    private static bool IsValidBelow(SuiteCrypto crypto, RatchetTree tree, ParentNode parent, int child, int sibling)
    {
        var unmerged = UnmergedWithin(parent, child);
        if (OnlyOtherInResolution(tree, child, unmerged) is not { } set || set.ParentHash.IsEmpty)
            return false;
        var original = OriginalHash(crypto, tree, sibling, UnmergedWithin(parent, sibling));
        return set.ParentHash.Span.SequenceEqual(NodeArray.ParentHash(crypto, parent, original));
    }

    /// <summary>The one node of a resolution that is not an unmerged leaf; null when there is not exactly one, or a leaf is missing.</summary>
    private static TreeNode? OnlyOtherInResolution(RatchetTree tree, int child, ReadOnlySpan<uint> unmerged)
    {
        if (!TryCollect(tree, child, unmerged.Length + 1, out var resolution) || resolution.Count != unmerged.Length + 1)
            return null;

        TreeNode? other = null;
        foreach (var node in resolution)
        {
            if (TreeMath.IsLeaf(node) && unmerged.BinarySearch(LeafIndex.OfNode(node).Value) >= 0)
                continue;
            if (other is not null)
                return null;
            other = tree[node];
        }

        return other;
    }

    /// <summary>A resolution, given up as soon as it has more nodes than a limit, so that the work stays linear.</summary>
    private static bool TryCollect(RatchetTree tree, int node, int most, out List<int> resolution)
    {
        resolution = [];
        var open = new Stack<int>([node]);
        while (open.TryPop(out var current))
        {
            if (tree[current] is null)
            {
                if (!TreeMath.IsLeaf(current))
                {
                    open.Push(TreeMath.Right(current));
                    open.Push(TreeMath.Left(current));
                }

                continue;
            }

            resolution.Add(current);
            if (tree[current] is ParentNode parent)
            {
                foreach (var leaf in parent.Unmerged)
                    resolution.Add(new LeafIndex(leaf).Node);
            }

            if (resolution.Count > most)
                return false;
        }

        return true;
    }

    private static ReadOnlySpan<uint> UnmergedWithin(ParentNode parent, int subtree)
    {
        var first = LeafIndex.OfNode(TreeMath.FirstLeaf(subtree)).Value;
        var last = LeafIndex.OfNode(TreeMath.LastLeaf(subtree)).Value;
        var start = 0;
        while (start < parent.Unmerged.Length && parent.Unmerged[start] < first)
            start++;
        var end = start;
        while (end < parent.Unmerged.Length && parent.Unmerged[end] <= last)
            end++;
        return parent.Unmerged.AsSpan(start, end - start);
    }

    /// <summary>The tree hash of a subtree as it was before some leaves were added (original_sibling_tree_hash, §7.9).</summary>
    private static byte[] OriginalHash(SuiteCrypto crypto, RatchetTree tree, int node, ReadOnlySpan<uint> added)
    {
        if (added.IsEmpty)
            return tree.TreeHash(crypto, node);
        if (TreeMath.IsLeaf(node))
            return NodeArray.LeafHash(crypto, LeafIndex.OfNode(node), null);

        var split = 0;
        while (split < added.Length && new LeafIndex(added[split]).Node < node)
            split++;
        var without = added.ToArray();
        var parent = tree.Parent(node) is { } known
            ? known.WithUnmerged([.. known.Unmerged.Where(leaf => Array.BinarySearch(without, leaf) < 0)])
            : null;
        return NodeArray.ParentTreeHash(
            crypto, parent,
            OriginalHash(crypto, tree, TreeMath.Left(node), added[..split]),
            OriginalHash(crypto, tree, TreeMath.Right(node), added[split..]));
    }

    /// <summary>Compares keys by content.</summary>
    internal sealed class KeyComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.SameAs(y);

        public int GetHashCode(ReadOnlyMemory<byte> obj) => obj.ContentHash();
    }

    /// <summary>Compares nodes by their encryption keys, whose hashes they keep.</summary>
    private sealed class NodeKeyComparer : IEqualityComparer<TreeNode>
    {
        public static NodeKeyComparer Instance { get; } = new();

        public bool Equals(TreeNode? x, TreeNode? y) => x!.EncryptionKey.SameAs(y!.EncryptionKey);

        public int GetHashCode(TreeNode obj) => obj.EncryptionKeyHash;
    }

    /// <summary>Compares leaves by their signature keys, whose hashes they keep.</summary>
    private sealed class SignatureKeyComparer : IEqualityComparer<LeafNode>
    {
        public static SignatureKeyComparer Instance { get; } = new();

        public bool Equals(LeafNode? x, LeafNode? y) => x!.SignatureKey.SameAs(y!.SignatureKey);

        public int GetHashCode(LeafNode obj) => obj.SignatureKeyHash;
    }
}
