using System.Buffers.Binary;

namespace Sotto.Wire;

/// <summary>Sixteen bytes as a value: random ids and truncated hashes.</summary>
public readonly record struct Bytes16
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 16;

    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Copies exactly 16 bytes.</summary>
    /// <exception cref="ArgumentException">The length is another.</exception>
    public Bytes16(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException("Sixteen bytes are needed.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>Writes the bytes into the start of a span of at least 16.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    /// <summary>A fresh copy of the bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Seeded in each process: who chooses ids cannot choose them to meet in a table.</summary>
    public override int GetHashCode() => HashCode.Combine(_high, _low);

    /// <summary>Nothing of the bytes: ids must not end up in logs by accident.</summary>
    public override string ToString() => "16 bytes";
}
