using System.Buffers.Binary;

namespace Sotto.Direct.Wire;

/// <summary>
/// Reads big-endian fields from untrusted bytes. A read past the end gives zeros and marks the reader as failed, so a
/// decoder reads all its fields and then asks once, through <see cref="AtEnd"/>, whether they were all there and nothing more.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _failed;

    public readonly bool AtEnd => !_failed && _rest.IsEmpty;

    public byte Byte() => Bytes(1) is [var value] ? value : (byte)0;

    public ushort UInt16() => Bytes(2) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt16BigEndian(b) : (ushort)0;

    public uint UInt32() => Bytes(4) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    public ulong UInt64() => Bytes(8) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt64BigEndian(b) : 0;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_failed || _rest.Length < count)
        {
            _failed = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Bytes behind a 16-bit length.</summary>
    public ReadOnlySpan<byte> Vector() => Bytes(UInt16());

    public ReadOnlySpan<byte> Rest() => Bytes(_rest.Length);
}
