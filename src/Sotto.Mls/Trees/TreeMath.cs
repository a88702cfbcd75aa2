using System.Numerics;

namespace Sotto.Mls.Trees;

/// <summary>
/// Relations of nodes in a full binary tree that is kept as an array (RFC 9420 Appendix C): leaves have even indices,
/// parents odd ones. The width, the number of leaves with the blank ones, is always a power of two.
/// </summary>
internal static class TreeMath
{
    public static int NodeCount(int width) => (2 * width) - 1;

    public static int Root(int width) => width - 1;

    /// <summary>Leaves are at level 0.</summary>
    public static int Level(int node) => BitOperations.TrailingZeroCount(~node);

    public static bool IsLeaf(int node) => (node & 1) == 0;

    public static int Left(int parent) => parent ^ (1 << (Level(parent) - 1));

    public static int Right(int parent) => parent ^ (3 << (Level(parent) - 1));

    /// <summary>The parent of a node that is not the root.</summary>
    public static int Parent(int node)
    {
        var level = Level(node);
        var fromRight = (node >> (level + 1)) & 1;
        return (node | (1 << level)) ^ (fromRight << (level + 1));
    }

    /// <summary>The other child of the parent of a node that is not the root.</summary>
    public static int Sibling(int node)
    {
        var parent = Parent(node);
        return node < parent ? Right(parent) : Left(parent);
    }

    /// <summary>The parents from a node to the root, lowest first.</summary>
    public static IEnumerable<int> DirectPath(int node, int width)
    {
        var root = Root(width);
        while (node != root)
        {
            node = Parent(node);
            yield return node;
        }
    }

    /// <summary>Whether a node is another one or lies below it.</summary>
    public static bool IsWithin(int node, int subtree)
    {
        var half = (1 << Level(subtree)) - 1;
        return node >= subtree - half && node <= subtree + half;
    }

    public static int FirstLeaf(int subtree) => subtree - ((1 << Level(subtree)) - 1);

    public static int LastLeaf(int subtree) => subtree + ((1 << Level(subtree)) - 1);

    /// <summary>The lowest node above both of two different leaves.</summary>
    public static int CommonAncestor(int oneLeaf, int otherLeaf)
    {
        var node = oneLeaf;
        while (!IsWithin(otherLeaf, node))
            node = Parent(node);
        return node;
    }

    /// <summary>The smallest width that holds a number of leaves.</summary>
    public static int WidthFor(int leaves) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(leaves, 1));
}
