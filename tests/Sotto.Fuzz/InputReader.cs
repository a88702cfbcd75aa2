using System.Buffers.Binary;

namespace Sotto.Fuzz;

/// <summary>Takes choices from an input, and zeros once it is used up, so that every input means something.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    public ReadOnlySpan<byte> Rest { get; private set; } = input;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public int UInt16()
    {
        Span<byte> both = stackalloc byte[2];
        Take(2).CopyTo(both);
        return BinaryPrimitives.ReadUInt16BigEndian(both);
    }

    /// <summary>At most so many bytes; fewer at the end.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = Rest[..Math.Min(count, Rest.Length)];
        Rest = Rest[taken.Length..];
        return taken;
    }
}
