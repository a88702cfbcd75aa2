namespace Sotto.Mls.Trees;

/// <summary>
/// A tree that is being changed by the proposals and the path of one commit (RFC 9420 §7.4 to §7.7). Removals come
/// before additions, as §12.3 wants.
/// </summary>
internal sealed class TreeEditor : NodeArray
{
    // Leaves that are added under parents; put into them at once when all are there.
    private readonly Dictionary<int, List<uint>> _newlyUnmerged = [];
    private int _firstBlank;

    public TreeEditor(TreeNode?[] nodes, byte[]?[] hashes)
        : base(nodes, hashes)
    {
    }

    /// <summary>Puts a leaf into the leftmost blank place, widening the tree when there is none (§12.1.1).</summary>
    public LeafIndex Add(LeafNode leaf, MlsLimits limits)
    {
        var node = LeftmostBlank(limits);
        SetLeaf(node, leaf);
        foreach (var parent in TreeMath.DirectPath(node, Width))
        {
            if (Nodes[parent] is null)
                continue;
            if (!_newlyUnmerged.TryGetValue(parent, out var unmerged))
                _newlyUnmerged.Add(parent, unmerged = []);
            unmerged.Add(LeafIndex.OfNode(node).Value);
        }

        return LeafIndex.OfNode(node);
    }

    /// <summary>Replaces a leaf and blanks its direct path (§12.1.2).</summary>
    public void Update(LeafIndex index, LeafNode leaf)
    {
        SetLeaf(index.Node, leaf);
        BlankPath(index);
    }

    /// <summary>Blanks a leaf and its direct path (§12.1.3). The tree is narrowed by <see cref="Truncate"/>.</summary>
    public void Remove(LeafIndex index)
    {
        SetLeaf(index.Node, null);
        BlankPath(index);
        _firstBlank = Math.Min(_firstBlank, index.Node);
    }

    /// <summary>Drops the right half as long as all its leaves are blank (§7.7).</summary>
    public void Truncate()
    {
        var last = Nodes.Length - 1;
        while (last > 0 && Nodes[last] is not LeafNode)
            last -= 2;
        var length = TreeMath.NodeCount(TreeMath.WidthFor((last / 2) + 1));
        if (length < Nodes.Length)
        {
            Nodes = Nodes[..length];
            Hashes = Hashes[..length];
        }
    }

    /// <summary>Reserves the leftmost blank place for a leaf that is not known yet (§12.4.3.2).</summary>
    public LeafIndex ReserveLeaf(MlsLimits limits) => LeafIndex.OfNode(LeftmostBlank(limits));

    /// <summary>Puts the unmerged leaves of all additions into their parents. Called once, before the tree is read.</summary>
    public void FinishAdding()
    {
        foreach (var (node, added) in _newlyUnmerged)
        {
            if (Nodes[node] is not ParentNode parent)
                continue;
            uint[] unmerged = [.. parent.Unmerged, .. added];
            Array.Sort(unmerged);
            Nodes[node] = parent.WithUnmerged(unmerged);
        }

        _newlyUnmerged.Clear();
    }

    /// <summary>Sets a committer's leaf.</summary>
    public void SetLeaf(LeafIndex index, LeafNode leaf) => SetLeaf(index.Node, leaf);

    /// <summary>Sets a parent on a committer's path.</summary>
    public void SetParent(int node, ParentNode parent)
    {
        Nodes[node] = parent;
        Forget(node);
    }

    /// <summary>Blanks the direct path of a leaf.</summary>
    public void BlankPath(LeafIndex index)
    {
        foreach (var parent in TreeMath.DirectPath(index.Node, Width))
            Nodes[parent] = null;
        Forget(index.Node);
    }

    /// <summary>The changed tree. The editor is not used after that.</summary>
    public RatchetTree Finish() => RatchetTree.Of(Nodes, Hashes);

    private void SetLeaf(int node, LeafNode? leaf)
    {
        Nodes[node] = leaf;
        Forget(node);
    }

    /// <summary>The hashes of a node and of those above it are not known any more.</summary>
    private void Forget(int node)
    {
        Hashes[node] = null;
        foreach (var parent in TreeMath.DirectPath(node, Width))
            Hashes[parent] = null;
    }

    private int LeftmostBlank(MlsLimits limits)
    {
        while (_firstBlank < Nodes.Length && Nodes[_firstBlank] is not null)
            _firstBlank += 2;
        if (_firstBlank >= Nodes.Length)
            Widen(limits);
        return _firstBlank;
    }

    private void Widen(MlsLimits limits)
    {
        Check.That(Width * 2 <= TreeMath.WidthFor(limits.Leaves), MlsRule.TreeSize);
        var length = TreeMath.NodeCount(Width * 2);
        var nodes = new TreeNode?[length];
        var hashes = new byte[]?[length];
        Nodes.CopyTo(nodes, 0);
        Hashes.CopyTo(hashes, 0);
        Nodes = nodes;
        Hashes = hashes;
    }
}
