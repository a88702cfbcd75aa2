using Sotto.Crypto;
using Sotto.Wire;

namespace Sotto.Client.Accounts;

/// <summary>
/// The 32 bytes that take an account back. Two keys come from it, by HKDF-Expand with a label each: one that signs (Ed25519)
/// and one that recovery records are sealed to (X-Wing). The genesis record names the hashes of both.
/// </summary>
internal static class RecoverySeed
{
    public const int Length = 32;

    /// <summary>The key that signs, which the caller disposes.</summary>
    public static SigningKey OpenSignatureKey(ICryptoProvider crypto, ReadOnlySpan<byte> seed)
    {
        using var key = Derive(crypto, seed, "sotto 1 recovery signature"u8);
        return new SignatureScheme(crypto, SignatureAlgorithm.Ed25519).OpenPrivateKey(key.Bytes);
    }

    /// <summary>H of the key that signs.</summary>
    public static Bytes32 SignatureKeyHash(ICryptoProvider crypto, ReadOnlySpan<byte> seed)
    {
        using var key = OpenSignatureKey(crypto, seed);
        return Bytes32.HashOf(key.PublicKey);
    }

    /// <summary>H of the key that recovery records are sealed to.</summary>
    public static Bytes32 SealingKeyHash(ICryptoProvider crypto, ReadOnlySpan<byte> seed)
    {
        using var key = Derive(crypto, seed, "sotto 1 recovery sealing"u8);
        var publicKey = new byte[Sizes.XWingPublicKey];
        crypto.XWingPublicKey(key.Bytes, publicKey);
        return Bytes32.HashOf(publicKey);
    }

    private static Secret Derive(ICryptoProvider crypto, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> label)
    {
        var key = Secret.Create(Length, out var bytes);
        crypto.HkdfExpand(HashAlgorithm.Sha256, seed, label, bytes);
        return key;
    }
}
