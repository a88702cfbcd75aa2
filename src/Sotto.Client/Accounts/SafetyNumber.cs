using System.Buffers.Binary;
using Sotto.Crypto;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>
/// Sixty digits that are the same for two people exactly when each has the other's real account: twelve groups of five, each
/// 40 bits of SHA-512 over <c>"Sotto 1 safety number" | lower id | higher id</c>, modulo 100 000.
/// </summary>
public static class SafetyNumber
{
    private const int Groups = 12;

    /// <summary>The number of two accounts, with a space between groups.</summary>
    public static string Of(ICryptoProvider crypto, AccountId one, AccountId other)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        var (lower, higher) = one.Value < other.Value ? (one, other) : (other, one);
        Span<byte> digest = stackalloc byte[Sizes.Digest(HashAlgorithm.Sha512)];
        crypto.Hash(HashAlgorithm.Sha512, new TlsWriter().Bytes("Sotto 1 safety number"u8).ThirtyTwo(lower.Value).ThirtyTwo(higher.Value).Written, digest);
        var groups = new string[Groups];
        Span<byte> window = stackalloc byte[8];
        for (var i = 0; i < Groups; i++)
        {
            digest.Slice(i * 5, 5).CopyTo(window[3..]);
            groups[i] = (BinaryPrimitives.ReadUInt64BigEndian(window) % 100_000).ToString("D5");
        }

        return string.Join(' ', groups);
    }
}
