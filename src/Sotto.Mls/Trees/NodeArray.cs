using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>
/// What a finished tree and one that is being changed have in common: the nodes in the order of RFC 9420 Appendix C,
/// null where blank, and the tree hashes that are known.
/// </summary>
internal abstract class NodeArray
{
    private protected NodeArray(TreeNode?[] nodes, byte[]?[] hashes)
    {
        Nodes = nodes;
        Hashes = hashes;
    }

    /// <summary>How many leaves there are, blank ones included; a power of two.</summary>
    public int Width => (Nodes.Length + 1) / 2;

    protected TreeNode?[] Nodes { get; set; }

    protected byte[]?[] Hashes { get; set; }

    public TreeNode? this[int node] => Nodes[node];

    public LeafNode? Leaf(LeafIndex leaf) => leaf.Value < Width ? (LeafNode?)Nodes[leaf.Node] : null;

    public ParentNode? Parent(int node) => (ParentNode?)Nodes[node];

    /// <summary>The leaves that are not blank, from the left.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> Leaves()
    {
        for (var node = 0; node < Nodes.Length; node += 2)
        {
            if (Nodes[node] is LeafNode leaf)
                yield return (LeafIndex.OfNode(node), leaf);
        }
    }

    /// <summary>The parents that are not blank.</summary>
    public IEnumerable<(int Node, ParentNode Parent)> Parents()
    {
        for (var node = 1; node < Nodes.Length; node += 2)
        {
            if (Nodes[node] is ParentNode parent)
                yield return (node, parent);
        }
    }

    /// <summary>The resolution of a node (§4.1.1): the fewest nodes that cover all leaves below it.</summary>
    public List<int> Resolution(int node)
    {
        var resolution = new List<int>();
        AddResolution(node, resolution);
        return resolution;
    }

    /// <summary>Whether the resolution of a node has any node.</summary>
    public bool HasResolution(int node)
    {
        if (Nodes[node] is not null)
            return true;
        return !TreeMath.IsLeaf(node) && (HasResolution(TreeMath.Left(node)) || HasResolution(TreeMath.Right(node)));
    }

    /// <summary>The direct path of a leaf without the nodes whose copath child has an empty resolution (§4.1.2).</summary>
    public List<PathStep> FilteredDirectPath(LeafIndex leaf)
    {
        var path = new List<PathStep>();
        var child = leaf.Node;
        foreach (var parent in TreeMath.DirectPath(leaf.Node, Width))
        {
            var copath = TreeMath.Sibling(child);
            if (HasResolution(copath))
                path.Add(new PathStep(parent, copath));
            child = parent;
        }

        return path;
    }

    /// <summary>The tree hash of a node (§7.8); computed where it is not known.</summary>
    public byte[] TreeHash(SuiteCrypto crypto, int node) => Hashes[node] ??= ComputeHash(crypto, node);

    /// <summary>Computes the hash of a leaf. Different leaves may be hashed on different threads.</summary>
    public void HashLeaf(SuiteCrypto crypto, LeafIndex leaf) => TreeHash(crypto, leaf.Node);

    /// <summary>ParentHashInput's hash: what the next node below carries as its parent hash (§7.9).</summary>
    public static byte[] ParentHash(SuiteCrypto crypto, TreeNode parent, ReadOnlySpan<byte> originalSiblingHash)
    {
        using var writer = TlsWriter.Rent(parent.EncryptionKey.Length + parent.ParentHash.Length + originalSiblingHash.Length + 16);
        writer.WriteVector(parent.EncryptionKey);
        writer.WriteVector(parent.ParentHash);
        writer.WriteVector(originalSiblingHash);
        return crypto.Hash(writer.Written);
    }

    /// <summary>The hash of a leaf's LeafNodeHashInput (§7.8).</summary>
    public static byte[] LeafHash(SuiteCrypto crypto, LeafIndex index, LeafNode? leaf)
    {
        using var writer = TlsWriter.Rent((leaf?.Encoded.Length ?? 0) + 16);
        writer.WriteByte((byte)NodeType.Leaf);
        writer.WriteUInt32(index.Value);
        if (writer.WriteOptional(leaf is not null))
            leaf!.Write(writer);
        return crypto.Hash(writer.Written);
    }

    /// <summary>The hash of a parent's ParentNodeHashInput (§7.8).</summary>
    public static byte[] ParentTreeHash(SuiteCrypto crypto, ParentNode? parent, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        using var writer = TlsWriter.Rent((parent?.EncryptionKey.Length ?? 0) + (4 * (parent?.Unmerged.Length ?? 0)) + 256);
        writer.WriteByte((byte)NodeType.Parent);
        if (writer.WriteOptional(parent is not null))
            parent!.Write(writer);
        writer.WriteVector(left);
        writer.WriteVector(right);
        return crypto.Hash(writer.Written);
    }

    private byte[] ComputeHash(SuiteCrypto crypto, int node) => TreeMath.IsLeaf(node)
        ? LeafHash(crypto, LeafIndex.OfNode(node), (LeafNode?)Nodes[node])
        : ParentTreeHash(crypto, (ParentNode?)Nodes[node], TreeHash(crypto, TreeMath.Left(node)), TreeHash(crypto, TreeMath.Right(node)));

    private void AddResolution(int node, List<int> resolution)
    {
        switch (Nodes[node])
        {
            case LeafNode:
                resolution.Add(node);
                break;
            case ParentNode parent:
                resolution.Add(node);
                foreach (var leaf in parent.Unmerged)
                    resolution.Add(new LeafIndex(leaf).Node);
                break;
            default:
                if (TreeMath.IsLeaf(node))
                    break;
                AddResolution(TreeMath.Left(node), resolution);
                AddResolution(TreeMath.Right(node), resolution);
                break;
        }
    }
}

/// <summary>One node of a filtered direct path, and its child that is not on the path.</summary>
internal readonly record struct PathStep(int Node, int Copath);

/// <summary>NodeType of RFC 9420 §7.8.</summary>
internal enum NodeType : byte
{
    Leaf = 1,
    Parent = 2,
}
