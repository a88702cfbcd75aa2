namespace Sotto.Mls.Extensions;

/// <summary>One extension: a type and opaque data (RFC 9420 §7.2, §13.4).</summary>
/// <param name="Type">One of <see cref="ExtensionTypes"/> or another number.</param>
/// <param name="Data">What the type says.</param>
public readonly record struct Extension(ushort Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Whether type and data are the same.</summary>
    public bool Equals(Extension other) => Type == other.Type && Data.SameAs(other.Data);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Data.ContentHash());
}
