using System.Formats.Asn1;

namespace Sotto.Crypto.Native;

/// <summary>
/// The DER of an ECDSA-Sig-Value (RFC 3279 §2.2.3), read strictly. OpenSSL, behind the base class library, takes a
/// missing sign byte for a positive number, so that one signature would have several encodings.
/// </summary>
internal static class EcdsaSignature
{
    /// <summary>Reads both numbers into fixed widths, one after the other (IEEE P1363).</summary>
    /// <returns>False for everything that is not the one encoding of two numbers that fit.</returns>
    public static bool TryReadDer(ReadOnlySpan<byte> der, Span<byte> fixedWidth)
    {
        var width = fixedWidth.Length / 2;
        try
        {
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var offset, out var length, out var consumed);
            if (consumed != der.Length)
                return false;
            var content = der.Slice(offset, length);
            var r = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out var first);
            var s = AsnDecoder.ReadIntegerBytes(content[first..], AsnEncodingRules.DER, out var second);
            return first + second == content.Length
                && TryWriteUnsigned(r, fixedWidth[..width])
                && TryWriteUnsigned(s, fixedWidth[width..]);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool TryWriteUnsigned(ReadOnlySpan<byte> integer, Span<byte> destination)
    {
        if ((integer[0] & 0x80) != 0)
            return false;
        var significant = integer.TrimStart((byte)0);
        if (significant.Length > destination.Length)
            return false;
        destination.Clear();
        significant.CopyTo(destination[^significant.Length..]);
        return true;
    }
}
