using System.Buffers;
using System.Buffers.Binary;

namespace Sotto.Wire.Records;

/// <summary>Writes the TLS presentation language (RFC 9420 §2.1) into memory that grows.</summary>
public sealed class TlsWriter
{
    private readonly ArrayBufferWriter<byte> _output = new(256);

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    /// <summary>A fresh copy of what was written.</summary>
    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    /// <summary>uint8.</summary>
    public TlsWriter Byte(byte value)
    {
        Take(1)[0] = value;
        return this;
    }

    /// <summary>uint16.</summary>
    public TlsWriter Number16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);
        return this;
    }

    /// <summary>uint32.</summary>
    public TlsWriter Number32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
        return this;
    }

    /// <summary>uint64.</summary>
    public TlsWriter Number64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
        return this;
    }

    /// <summary>opaque[16].</summary>
    public TlsWriter Sixteen(Bytes16 value)
    {
        value.CopyTo(Take(Bytes16.Length));
        return this;
    }

    /// <summary>opaque[32].</summary>
    public TlsWriter ThirtyTwo(Bytes32 value)
    {
        value.CopyTo(Take(Bytes32.Length));
        return this;
    }

    /// <summary>opaque of the given length, without one in front.</summary>
    public TlsWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Take(value.Length));
        return this;
    }

    /// <summary>opaque&lt;V&gt;: the shortest length of RFC 9420 §2.1.2, then the bytes.</summary>
    /// <exception cref="ArgumentException">More than 2^30 - 1 bytes.</exception>
    public TlsWriter Vector(ReadOnlySpan<byte> value)
    {
        if (value.Length < 1 << 6)
            Byte((byte)value.Length);
        else if (value.Length < 1 << 14)
            Number16((ushort)(value.Length | 0x4000));
        else if (value.Length < 1 << 30)
            Number32((uint)value.Length | 0x8000_0000);
        else
            throw new ArgumentException("A vector holds less than 2^30 bytes.", nameof(value));
        return Bytes(value);
    }

    private Span<byte> Take(int count)
    {
        var taken = _output.GetSpan(count)[..count];
        _output.Advance(count);
        return taken;
    }
}
