using System.Buffers.Binary;

namespace Sotto.Direct.Wire;

/// <summary>Writes big-endian fields into the caller's span, which is large enough by construction.</summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    public void Byte(byte value) => Take(1)[0] = value;

    public void UInt16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), checked((ushort)value));

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Bytes behind a 16-bit length.</summary>
    public void Vector(ReadOnlySpan<byte> value)
    {
        UInt16(value.Length);
        Bytes(value);
    }

    /// <summary>The next bytes, for the caller to fill.</summary>
    public Span<byte> Take(int count)
    {
        var taken = _destination.Slice(Length, count);
        Length += count;
        return taken;
    }
}
