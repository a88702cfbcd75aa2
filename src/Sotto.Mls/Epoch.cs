namespace Sotto.Mls;

/// <summary>The number of a state of a group; each commit adds one (RFC 9420 §8.1).</summary>
/// <param name="Value">From 0 at creation.</param>
public readonly record struct Epoch(ulong Value) : IComparable<Epoch>
{
    /// <summary>The epoch that the next commit creates.</summary>
    /// <exception cref="MlsException">It is the last one.</exception>
    internal Epoch Next
    {
        get
        {
            Check.That(Value < ulong.MaxValue, MlsRule.EpochsLeft);
            return new(unchecked(Value + 1));
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    /// <summary>Whether one comes before the other.</summary>
    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    /// <summary>Whether one comes after the other.</summary>
    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    /// <summary>Whether one does not come after the other.</summary>
    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    /// <summary>Whether one does not come before the other.</summary>
    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    /// <summary>The number.</summary>
    public override string ToString() => Value.ToString();
}
