using System.Buffers.Binary;

namespace Sotto.Mls.Suites;

/// <summary>A secret that others are derived from (RFC 9420 §8), with what the derivations share done once. The owner disposes it.</summary>
internal sealed class SecretSource(HkdfKey key, int hashLength) : IDisposable
{
    private const int LongestStackInfo = 512;

    private static ReadOnlySpan<byte> Prefix => "MLS 1.0 "u8;

    /// <summary>ExpandWithLabel. The caller disposes the result.</summary>
    public Secret Expand(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        var expanded = Secret.Create(length, out var bytes);
        Expand(label, context, bytes);
        return expanded;
    }

    /// <summary>ExpandWithLabel into a destination, which the caller wipes when it is secret.</summary>
    public void Expand(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        // KDFLabel: uint16 length, opaque label<V>, opaque context<V>.
        var labelLength = Prefix.Length + label.Length;
        var size = 2 + TlsWriter.LengthSize(labelLength) + labelLength + TlsWriter.LengthSize(context.Length) + context.Length;
        var info = size <= LongestStackInfo ? stackalloc byte[size] : new byte[size];

        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)output.Length);
        var rest = PutVector(info[2..], Prefix, label);
        PutVector(rest, context, default);
        key.Expand(info, output);
    }

    /// <summary>DeriveSecret. The caller disposes the result.</summary>
    public Secret Derive(ReadOnlySpan<byte> label) => Expand(label, default, hashLength);

    /// <summary>DeriveTreeSecret (§9.1) of a secret as long as a hash. The caller disposes the result.</summary>
    public Secret DeriveTree(ReadOnlySpan<byte> label, uint generation)
    {
        var derived = Secret.Create(hashLength, out var bytes);
        DeriveTree(label, generation, bytes);
        return derived;
    }

    /// <summary>DeriveTreeSecret (§9.1) into a destination, which the caller wipes when it is secret.</summary>
    public void DeriveTree(ReadOnlySpan<byte> label, uint generation, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(context, generation);
        Expand(label, context, output);
    }

    public void Dispose() => key.Dispose();

    private static Span<byte> PutVector(Span<byte> destination, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var length = first.Length + second.Length;
        var size = TlsWriter.LengthSize(length);
        TlsWriter.PutLength(destination[..size], length);
        first.CopyTo(destination[size..]);
        second.CopyTo(destination[(size + first.Length)..]);
        return destination[(size + length)..];
    }
}
