using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>
/// The public part of a group's ratchet tree in one epoch (RFC 9420 §7). Immutable once its root's hash is computed;
/// epochs share the nodes that did not change.
/// </summary>
internal sealed class RatchetTree : NodeArray
{
    private RatchetTree(TreeNode?[] nodes, byte[]?[] hashes)
        : base(nodes, hashes) => MemberCount = Leaves().Count();

    /// <summary>How many leaves are not blank.</summary>
    public int MemberCount { get; }

    /// <summary>The hash that the group context has.</summary>
    public byte[] RootHash(SuiteCrypto crypto) => TreeHash(crypto, TreeMath.Root(Width));

    /// <summary>A tree of nodes with what is known of their hashes; takes over both arrays.</summary>
    public static RatchetTree Of(TreeNode?[] nodes, byte[]?[] hashes) => new(nodes, hashes);

    /// <summary>A tree of one leaf (§11).</summary>
    public static RatchetTree Of(LeafNode leaf) => new([leaf], [null]);

    /// <summary>The content of a <c>ratchet_tree</c> extension (§12.4.3.3).</summary>
    public byte[] Encode()
    {
        var last = Array.FindLastIndex(Nodes, node => node is not null);
        var writer = new TlsWriter(Nodes.Sum(node => node is null ? 1 : node.EncryptionKey.Length + 300));
        var start = writer.BeginVector();
        for (var i = 0; i <= last; i++)
            WriteNode(writer, Nodes[i]);
        writer.EndVector(start);
        return writer.ToArray();
    }

    /// <summary>Reads the content of a <c>ratchet_tree</c> extension (§12.4.3.3). Nothing but its shape is checked.</summary>
    public static RatchetTree Decode(ReadOnlyMemory<byte> encoded, MlsLimits limits)
    {
        var reader = new TlsReader(encoded);
        var list = reader.ReadVectorReader();
        reader.End();

        var nodes = new List<TreeNode?>();
        while (!list.IsAtEnd)
        {
            Check.That(nodes.Count < TreeMath.NodeCount(limits.Leaves), MlsRule.TreeSize);
            nodes.Add(ReadNode(ref list, TreeMath.IsLeaf(nodes.Count)));
        }

        Check.That(nodes.Count > 0 && nodes[^1] is not null, MlsRule.NoTrailingBlanks);
        var full = new TreeNode?[TreeMath.NodeCount(TreeMath.WidthFor((nodes.Count + 2) / 2))];
        nodes.CopyTo(full);
        return new RatchetTree(full, new byte[]?[full.Length]);
    }

    /// <summary>Begins a change; this tree stays as it is.</summary>
    public TreeEditor Edit() => new((TreeNode?[])Nodes.Clone(), (byte[]?[])Hashes.Clone());

    /// <summary>The nodes that are other ones than in another tree, and those that the other does not have.</summary>
    public IEnumerable<int> NodesThatDifferFrom(RatchetTree other)
    {
        for (var node = 0; node < Nodes.Length; node++)
        {
            if (node >= other.Nodes.Length ? Nodes[node] is not null : !ReferenceEquals(Nodes[node], other.Nodes[node]))
                yield return node;
        }
    }

    /// <summary>The places where this tree has another leaf than another tree.</summary>
    public IEnumerable<LeafIndex> LeavesThatDifferFrom(RatchetTree other)
    {
        for (var node = 0; node < Nodes.Length; node += 2)
        {
            if (!ReferenceEquals(Nodes[node], node < other.Nodes.Length ? other.Nodes[node] : null))
                yield return LeafIndex.OfNode(node);
        }
    }

    internal static void WriteNode(TlsWriter writer, TreeNode? node)
    {
        if (!writer.WriteOptional(node is not null))
            return;
        writer.WriteByte((byte)(node is LeafNode ? NodeType.Leaf : NodeType.Parent));
        node!.Write(writer);
    }

    internal static TreeNode? ReadNode(ref TlsReader reader, bool isLeaf)
    {
        if (!reader.ReadOptional())
            return null;
        var type = (NodeType)reader.ReadByte();
        if (type != (isLeaf ? NodeType.Leaf : NodeType.Parent))
            throw new MlsException(MlsRule.NodeTypeFitsPlace);
        return isLeaf ? LeafNode.Read(ref reader) : ParentNode.Read(ref reader);
    }
}
