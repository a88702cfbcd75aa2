using System.Buffers.Binary;

namespace Sotto.Wire.Records;

/// <summary>
/// Reads the TLS presentation language (RFC 9420 §2.1) from untrusted bytes. A read past the end or a length that is not
/// minimal gives zeros and marks the reader as failed; a decoder reads all its fields and asks once, through
/// <see cref="AtEnd"/>, whether they were all there and nothing more.
/// </summary>
public ref struct TlsReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _all = bytes;
    private int _at;
    private bool _failed;

    /// <summary>Whether every read succeeded and no byte is left.</summary>
    public readonly bool AtEnd => !_failed && _at == _all.Length;

    /// <summary>Whether bytes are left and no read failed: for reading lists.</summary>
    public readonly bool HasMore => !_failed && _at < _all.Length;

    /// <summary>Bytes read so far, 0 after a failure.</summary>
    public readonly int Position => _failed ? 0 : _at;

    /// <summary>uint8.</summary>
    public byte Byte() => Bytes(1) is [var value] ? value : (byte)0;

    /// <summary>uint16.</summary>
    public ushort Number16() => Bytes(2) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt16BigEndian(b) : (ushort)0;

    /// <summary>uint32.</summary>
    public uint Number32() => Bytes(4) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    /// <summary>uint64.</summary>
    public ulong Number64() => Bytes(8) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt64BigEndian(b) : 0;

    /// <summary>opaque[16].</summary>
    public Bytes16 Sixteen() => Bytes(Bytes16.Length) is { IsEmpty: false } b ? new Bytes16(b) : default;

    /// <summary>opaque[32].</summary>
    public Bytes32 ThirtyTwo() => Bytes(Bytes32.Length) is { IsEmpty: false } b ? new Bytes32(b) : default;

    /// <summary>opaque[count].</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_failed || _all.Length - _at < count)
            return Fail();
        var taken = _all.Slice(_at, count);
        _at += count;
        return taken;
    }

    /// <summary>opaque&lt;V&gt;: a length of 1, 2 or 4 bytes in its shortest form (RFC 9420 §2.1.2), then the bytes.</summary>
    public ReadOnlySpan<byte> Vector()
    {
        var first = Byte();
        var size = 1 << (first >> 6);
        var length = (uint)(first & 0x3f);
        for (var read = 1; read < size && !_failed; read++)
            length = (length << 8) | Byte();
        return size > 4 || !IsMinimal(size, length) || length > int.MaxValue ? Fail() : Bytes((int)length);
    }

    private static bool IsMinimal(int size, uint length) => size switch
    {
        2 => length >= 1 << 6,
        4 => length >= 1 << 14,
        _ => true,
    };

    private ReadOnlySpan<byte> Fail()
    {
        _failed = true;
        return default;
    }
}
