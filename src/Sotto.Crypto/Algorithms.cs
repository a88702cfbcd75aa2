namespace Sotto.Crypto;

/// <summary>The SHA-2 functions in use (FIPS 180-4).</summary>
public enum HashAlgorithm
{
    /// <summary>32-byte digests.</summary>
    Sha256,

    /// <summary>48-byte digests.</summary>
    Sha384,

    /// <summary>64-byte digests.</summary>
    Sha512,
}

/// <summary>The authenticated ciphers in use. All have 16-byte tags.</summary>
public enum AeadAlgorithm
{
    /// <summary>AES-128-GCM (NIST SP 800-38D): 16-byte key, 12-byte nonce.</summary>
    Aes128Gcm,

    /// <summary>AES-256-GCM (NIST SP 800-38D): 32-byte key, 12-byte nonce.</summary>
    Aes256Gcm,

    /// <summary>XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): 32-byte key, 24-byte nonce that may be random.</summary>
    XChaCha20Poly1305,
}

/// <summary>The two published ways to derive an X-Wing key pair from input key material.</summary>
public enum XWingDerivation
{
    /// <summary>SHAKE256 of the material alone (draft-connolly-cfrg-xwing-kem).</summary>
    Plain,

    /// <summary>SHAKE256.LabeledDerive with the label <c>DeriveKeyPair</c> (draft-ietf-hpke-pq §4).</summary>
    Labeled,
}

/// <summary>What one Argon2id computation costs (RFC 9106 §3.1), with one lane.</summary>
/// <param name="Passes">Number of passes, at least 1.</param>
/// <param name="MemoryKiB">Memory in KiB, at least 8.</param>
public readonly record struct Argon2Cost(int Passes, int MemoryKiB)
{
    /// <summary>What the threat model asks of desktops: 3 passes over 256 MiB.</summary>
    public static Argon2Cost Desktop { get; } = new(3, 256 * 1024);
}

/// <summary>Lengths in bytes that callers need for their destinations.</summary>
public static class Sizes
{
    /// <summary>The tag that every AEAD in use adds.</summary>
    public const int AeadTag = 16;

    /// <summary>An Ed25519 seed, which is the private key as stored.</summary>
    public const int Ed25519Seed = 32;

    /// <summary>An Ed25519 public key.</summary>
    public const int Ed25519PublicKey = 32;

    /// <summary>An Ed25519 signature.</summary>
    public const int Ed25519Signature = 64;

    /// <summary>An X25519 key, private, public or shared.</summary>
    public const int X25519Key = 32;

    /// <summary>An X-Wing decapsulation key.</summary>
    public const int XWingPrivateKey = 32;

    /// <summary>An X-Wing encapsulation key.</summary>
    public const int XWingPublicKey = 1216;

    /// <summary>An X-Wing ciphertext.</summary>
    public const int XWingCiphertext = 1120;

    /// <summary>The secret that both sides of an X-Wing encapsulation hold.</summary>
    public const int XWingSharedSecret = 32;

    /// <summary>The digest length of a hash function.</summary>
    public static int Digest(HashAlgorithm algorithm) => algorithm switch
    {
        HashAlgorithm.Sha256 => 32,
        HashAlgorithm.Sha384 => 48,
        HashAlgorithm.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The key length of an AEAD.</summary>
    public static int AeadKey(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm => 16,
        AeadAlgorithm.Aes256Gcm or AeadAlgorithm.XChaCha20Poly1305 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The nonce length of an AEAD.</summary>
    public static int AeadNonce(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm or AeadAlgorithm.Aes256Gcm => 12,
        AeadAlgorithm.XChaCha20Poly1305 => 24,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
