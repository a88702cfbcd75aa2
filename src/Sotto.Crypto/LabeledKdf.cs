using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>LabeledExtract and LabeledExpand (RFC 9180 §4) of one suite, over HKDF.</summary>
/// <param name="provider">What computes.</param>
/// <param name="hash">HKDF's hash function.</param>
/// <param name="suiteId">The suite that every input names.</param>
internal sealed class LabeledKdf(ICryptoProvider provider, HashAlgorithm hash, byte[] suiteId)
{
    /// <summary>Longer inputs, which only an application's own info or context is, go to the heap.</summary>
    private const int LargestOnStack = 512;

    /// <summary>Bytes that <see cref="Extract"/> gives.</summary>
    public int ExtractLength { get; } = Sizes.Digest(hash);

    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

    public void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> pseudorandomKey)
    {
        var length = Version.Length + suiteId.Length + label.Length + inputKeyMaterial.Length;
        var input = length <= LargestOnStack ? stackalloc byte[length] : new byte[length];
        try
        {
            Join(input, Version, suiteId, label, inputKeyMaterial);
            provider.HkdfExtract(hash, salt, input, pseudorandomKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }

    public void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        var length = 2 + Version.Length + suiteId.Length + label.Length + info.Length;
        var labeled = length <= LargestOnStack ? stackalloc byte[length] : new byte[length];
        labeled[0] = (byte)(output.Length >> 8);
        labeled[1] = (byte)output.Length;
        Join(labeled[2..], Version, suiteId, label, info);
        provider.HkdfExpand(hash, pseudorandomKey, labeled, output);
    }

    private static void Join(Span<byte> destination, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth)
    {
        first.CopyTo(destination);
        second.CopyTo(destination = destination[first.Length..]);
        third.CopyTo(destination = destination[second.Length..]);
        fourth.CopyTo(destination[third.Length..]);
    }
}
