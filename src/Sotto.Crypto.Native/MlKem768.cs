using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

/// <summary>
/// ML-KEM-768 (FIPS 203) by itself, with the input checks of its §7. The messenger uses it only inside X-Wing; here it
/// is held against the published vectors, which have none for X-Wing's checks.
/// </summary>
internal static class MlKem768
{
    // A decapsulation key is the secret vector, the encapsulation key, the hash of that, and the rejection secret.
    private const int EmbeddedPublicKey = 1152;
    private const int EmbeddedHash = EmbeddedPublicKey + Sodium.MlKem768PublicKey;

    /// <summary>ML-KEM.KeyGen_internal (§6.1) from <c>d || z</c>.</summary>
    public static void KeyPair(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> privateKey)
    {
        RequireLength(seed, Sodium.MlKem768Seed);
        Require.Length(publicKey, Sodium.MlKem768PublicKey, nameof(publicKey));
        Require.Length(privateKey, Sodium.MlKem768PrivateKey, nameof(privateKey));
        _ = Sodium.MlKem768SeedKeyPair(publicKey, privateKey, seed);
    }

    /// <summary>ML-KEM.Encaps (§7.2) with its randomness given. libsodium makes the modulus check.</summary>
    /// <exception cref="CryptoException">The key has the wrong length or a coefficient that is not reduced.</exception>
    public static void Encapsulate(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        RequireLength(publicKey, Sodium.MlKem768PublicKey);
        Require.Length(seed, Sodium.MlKem768EncapsulationSeed, nameof(seed));
        Require.Length(ciphertext, Sodium.MlKem768Ciphertext, nameof(ciphertext));
        Require.Length(sharedSecret, Sodium.MlKem768SharedSecret, nameof(sharedSecret));
        if (Sodium.MlKem768Encapsulate(ciphertext, sharedSecret, publicKey, seed) != 0)
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The ML-KEM public key is not reduced.");
    }

    /// <summary>ML-KEM.Decaps (§7.3). libsodium does not make the hash check, which is therefore made here.</summary>
    /// <exception cref="CryptoException">A length is wrong, or the key is not what it says it is the hash of.</exception>
    public static void Decapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        RequireLength(privateKey, Sodium.MlKem768PrivateKey);
        RequireLength(ciphertext, Sodium.MlKem768Ciphertext);
        Require.Length(sharedSecret, Sodium.MlKem768SharedSecret, nameof(sharedSecret));
        RequireHash(privateKey);
        _ = Sodium.MlKem768Decapsulate(sharedSecret, ciphertext, privateKey);
    }

    private static void RequireHash(ReadOnlySpan<byte> privateKey)
    {
        Span<byte> digest = stackalloc byte[Sodium.Sha3Digest];
        _ = Sodium.Sha3(digest, privateKey.Slice(EmbeddedPublicKey, Sodium.MlKem768PublicKey), Sodium.MlKem768PublicKey);
        if (!CryptographicOperations.FixedTimeEquals(digest, privateKey.Slice(EmbeddedHash, Sodium.Sha3Digest)))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The ML-KEM private key does not fit its public key.");
    }

    private static void RequireLength(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length != length)
            throw new CryptoException(CryptoFailure.WrongLength, $"An ML-KEM-768 input must have {length} bytes.");
    }
}
