namespace Sotto.Mls;

/// <summary>The identifier of a group, opaque bytes that its creator chose (RFC 9420 §11).</summary>
/// <param name="Bytes">The bytes; nobody may change them.</param>
public readonly record struct GroupId(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(GroupId other) => Bytes.SameAs(other.Bytes);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.ContentHash();

    /// <summary>The bytes in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes.Span);
}
