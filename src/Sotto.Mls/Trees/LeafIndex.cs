namespace Sotto.Mls.Trees;

/// <summary>The place of a member among the leaves of the tree, from the left (RFC 9420 §4.1.1).</summary>
/// <param name="Value">From 0.</param>
public readonly record struct LeafIndex(uint Value) : IComparable<LeafIndex>
{
    /// <summary>The index of the leaf among all nodes (RFC 9420 Appendix C).</summary>
    internal int Node => checked((int)(Value * 2));

    internal static LeafIndex OfNode(int node) => new((uint)node / 2);

    /// <inheritdoc/>
    public int CompareTo(LeafIndex other) => Value.CompareTo(other.Value);

    /// <summary>Whether one stands to the left of the other.</summary>
    public static bool operator <(LeafIndex left, LeafIndex right) => left.Value < right.Value;

    /// <summary>Whether one stands to the right of the other.</summary>
    public static bool operator >(LeafIndex left, LeafIndex right) => left.Value > right.Value;

    /// <summary>Whether one does not stand to the right of the other.</summary>
    public static bool operator <=(LeafIndex left, LeafIndex right) => left.Value <= right.Value;

    /// <summary>Whether one does not stand to the left of the other.</summary>
    public static bool operator >=(LeafIndex left, LeafIndex right) => left.Value >= right.Value;

    /// <summary>The number.</summary>
    public override string ToString() => Value.ToString();
}
