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

    /// <summary>ChaCha20-Poly1305 (RFC 8439 §2.8): 32-byte key, 12-byte nonce that must never repeat.</summary>
    ChaCha20Poly1305,
}

/// <summary>The signature algorithms of the MLS ciphersuites (RFC 9420 §17.1).</summary>
public enum SignatureAlgorithm
{
    /// <summary>Ed25519 (RFC 8032 §5.1).</summary>
    Ed25519,

    /// <summary>Ed448 (RFC 8032 §5.2) with an empty context.</summary>
    Ed448,

    /// <summary>ECDSA on P-256 over SHA-256 (FIPS 186-5 §6).</summary>
    EcdsaP256Sha256,

    /// <summary>ECDSA on P-384 over SHA-384 (FIPS 186-5 §6).</summary>
    EcdsaP384Sha384,

    /// <summary>ECDSA on P-521 over SHA-512 (FIPS 186-5 §6).</summary>
    EcdsaP521Sha512,
}

/// <summary>The key encapsulation mechanisms of HPKE in use, under their registered numbers (RFC 9180 §7.1, and X-Wing's own draft).</summary>
public enum KemAlgorithm : ushort
{
    /// <summary>DHKEM(P-256, HKDF-SHA256).</summary>
    DhkemP256 = 0x0010,

    /// <summary>DHKEM(P-384, HKDF-SHA384).</summary>
    DhkemP384 = 0x0011,

    /// <summary>DHKEM(P-521, HKDF-SHA512).</summary>
    DhkemP521 = 0x0012,

    /// <summary>DHKEM(X25519, HKDF-SHA256).</summary>
    DhkemX25519 = 0x0020,

    /// <summary>DHKEM(X448, HKDF-SHA512).</summary>
    DhkemX448 = 0x0021,

    /// <summary>X-Wing: X25519 and ML-KEM-768 (draft-connolly-cfrg-xwing-kem).</summary>
    XWing = 0x647A,
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

    /// <summary>An Ed448 private key, which is its seed (RFC 8032 §5.2.5).</summary>
    public const int Ed448Seed = 57;

    /// <summary>An Ed448 public key.</summary>
    public const int Ed448PublicKey = 57;

    /// <summary>An Ed448 signature.</summary>
    public const int Ed448Signature = 114;

    /// <summary>An X25519 key, private, public or shared.</summary>
    public const int X25519Key = 32;

    /// <summary>An X448 key, private, public or shared.</summary>
    public const int X448Key = 56;

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
        AeadAlgorithm.Aes256Gcm or AeadAlgorithm.XChaCha20Poly1305 or AeadAlgorithm.ChaCha20Poly1305 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The nonce length of an AEAD.</summary>
    public static int AeadNonce(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm or AeadAlgorithm.Aes256Gcm or AeadAlgorithm.ChaCha20Poly1305 => 12,
        AeadAlgorithm.XChaCha20Poly1305 => 24,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>A scalar, coordinate or shared secret of a NIST curve.</summary>
    public static int NistScalar(NistCurve curve) => curve switch
    {
        NistCurve.P256 => 32,
        NistCurve.P384 => 48,
        NistCurve.P521 => 66,
        _ => throw new ArgumentOutOfRangeException(nameof(curve)),
    };

    /// <summary>An uncompressed point of a NIST curve (SEC 1 §2.3.3).</summary>
    public static int NistPublicKey(NistCurve curve) => 1 + (2 * NistScalar(curve));

    /// <summary>The longest DER of an ECDSA-Sig-Value on a curve: two integers with a sign byte each.</summary>
    public static int EcdsaLongestSignature(NistCurve curve) => (2 * NistScalar(curve)) + (curve == NistCurve.P521 ? 7 : 8);

    /// <summary>The private key of a signature algorithm.</summary>
    public static int SignaturePrivateKey(SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.Ed25519 => Ed25519Seed,
        SignatureAlgorithm.Ed448 => Ed448Seed,
        _ => NistScalar(Curve(algorithm)),
    };

    /// <summary>The public key of a signature algorithm.</summary>
    public static int SignaturePublicKey(SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.Ed25519 => Ed25519PublicKey,
        SignatureAlgorithm.Ed448 => Ed448PublicKey,
        _ => NistPublicKey(Curve(algorithm)),
    };

    /// <summary>The curve of an ECDSA algorithm.</summary>
    internal static NistCurve Curve(SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.EcdsaP256Sha256 => NistCurve.P256,
        SignatureAlgorithm.EcdsaP384Sha384 => NistCurve.P384,
        SignatureAlgorithm.EcdsaP521Sha512 => NistCurve.P521,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
