using System.Buffers.Binary;

namespace Sotto.Mls.Presentation;

/// <summary>
/// Reads structures of the TLS presentation language as RFC 9420 §2.1 uses it. What it hands out are slices of the
/// input, never copies: the input is owned by the message that is being decoded and does not change any more.
/// </summary>
internal ref struct TlsReader(ReadOnlyMemory<byte> input)
{
    private readonly ReadOnlyMemory<byte> _input = input;
    private readonly ReadOnlySpan<byte> _span = input.Span;

    /// <summary>How many bytes were read.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _span.Length - Position;

    public readonly bool IsAtEnd => Position == _span.Length;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary><c>opaque bytes[length]</c>.</summary>
    public ReadOnlyMemory<byte> ReadFixed(int length)
    {
        Take(length);
        return _input.Slice(Position - length, length);
    }

    /// <summary><c>opaque bytes&lt;V&gt;</c>.</summary>
    public ReadOnlyMemory<byte> ReadVector() => ReadFixed(ReadVectorLength());

    /// <summary>A vector of structures, to be read to its end.</summary>
    public TlsReader ReadVectorReader() => new(ReadVector());

    /// <summary>The presence byte of <c>optional&lt;T&gt;</c> (§2.1.1).</summary>
    public bool ReadOptional()
    {
        var present = ReadByte();
        Check.That(present <= 1, MlsRule.OptionalPresence);
        return present != 0;
    }

    /// <summary>What was read since a position.</summary>
    public readonly ReadOnlyMemory<byte> Since(int position) => _input[position..Position];

    /// <summary>What is left, all at once.</summary>
    public ReadOnlyMemory<byte> ReadRest() => ReadFixed(Remaining);

    /// <summary>The end of a structure that must fill its input.</summary>
    public readonly void End() => Check.That(IsAtEnd, MlsRule.TrailingBytes);

    /// <summary>The variable-size length of §2.1.2, checked against what is there before anything is allocated.</summary>
    public int ReadVectorLength()
    {
        var first = ReadByte();
        var prefix = first >> 6;
        if (prefix == 3)
            throw new MlsException(MlsRule.VectorLengthPrefix);

        var value = first & 0x3f;
        for (var more = (1 << prefix) - 1; more > 0; more--)
            value = (value << 8) | ReadByte();

        Check.That(prefix == 0 || value >= 1 << (8 * (1 << (prefix - 1)) - 2), MlsRule.MinimalVectorLength);
        if (value > Remaining)
            throw new MlsException(MlsRule.Truncated);
        return value;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Remaining)
            throw new MlsException(MlsRule.Truncated);
        var taken = _span.Slice(Position, length);
        Position += length;
        return taken;
    }
}
