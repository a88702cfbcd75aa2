namespace Sotto.Mls.Suites;

/// <summary>
/// What a group computes with (RFC 9420 §5.1): the HPKE algorithms, the hash, whose HKDF is HPKE's, and the signature
/// algorithm. A suite that is not here can be made by whoever needs it, as long as the provider has its parts.
/// </summary>
/// <param name="Id">Its number on the wire.</param>
/// <param name="Name">Its name in the registry or its draft.</param>
/// <param name="Hpke">KEM, KDF, AEAD and the form of the KEM's DeriveKeyPair.</param>
/// <param name="Signature">The signature algorithm of every member.</param>
public sealed record CipherSuite(CipherSuiteId Id, string Name, HpkeAlgorithms Hpke, SignatureAlgorithm Signature)
{
    /// <summary>Suite 1 of RFC 9420 §17.1.</summary>
    public static CipherSuite X25519Aes128Sha256Ed25519 { get; } = new(
        new(0x0001), "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
        new(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm), SignatureAlgorithm.Ed25519);

    /// <summary>Suite 2 of RFC 9420 §17.1.</summary>
    public static CipherSuite P256Aes128Sha256P256 { get; } = new(
        new(0x0002), "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
        new(KemAlgorithm.DhkemP256, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm), SignatureAlgorithm.EcdsaP256Sha256);

    /// <summary>Suite 3 of RFC 9420 §17.1.</summary>
    public static CipherSuite X25519ChaChaSha256Ed25519 { get; } = new(
        new(0x0003), "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
        new(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, AeadAlgorithm.ChaCha20Poly1305), SignatureAlgorithm.Ed25519);

    /// <summary>Suite 4 of RFC 9420 §17.1.</summary>
    public static CipherSuite X448Aes256Sha512Ed448 { get; } = new(
        new(0x0004), "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
        new(KemAlgorithm.DhkemX448, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm), SignatureAlgorithm.Ed448);

    /// <summary>Suite 5 of RFC 9420 §17.1.</summary>
    public static CipherSuite P521Aes256Sha512P521 { get; } = new(
        new(0x0005), "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
        new(KemAlgorithm.DhkemP521, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm), SignatureAlgorithm.EcdsaP521Sha512);

    /// <summary>Suite 6 of RFC 9420 §17.1.</summary>
    public static CipherSuite X448ChaChaSha512Ed448 { get; } = new(
        new(0x0006), "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
        new(KemAlgorithm.DhkemX448, HashAlgorithm.Sha512, AeadAlgorithm.ChaCha20Poly1305), SignatureAlgorithm.Ed448);

    /// <summary>Suite 7 of RFC 9420 §17.1.</summary>
    public static CipherSuite P384Aes256Sha384P384 { get; } = new(
        new(0x0007), "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
        new(KemAlgorithm.DhkemP384, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm), SignatureAlgorithm.EcdsaP384Sha384);

    /// <summary>
    /// The post-quantum suite TBD2 of draft-ietf-mls-pq-ciphersuites-06, with the labelled DeriveKeyPair of
    /// draft-ietf-hpke-pq. It has no registered number yet; this one is of the private-use range.
    /// </summary>
    public static CipherSuite XWingAes256Sha384Ed25519 { get; } = new(
        new(0xF002), "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519",
        new(KemAlgorithm.XWing, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm, XWingDerivation.Labeled), SignatureAlgorithm.Ed25519);

    /// <summary>Suites 1 to 7 and the post-quantum suite.</summary>
    public static IReadOnlyList<CipherSuite> All { get; } =
    [
        X25519Aes128Sha256Ed25519, P256Aes128Sha256P256, X25519ChaChaSha256Ed25519, X448Aes256Sha512Ed448,
        P521Aes256Sha512P521, X448ChaChaSha512Ed448, P384Aes256Sha384P384, XWingAes256Sha384Ed25519,
    ];

    /// <summary>The hash function, whose HMAC is the suite's MAC.</summary>
    public HashAlgorithm Hash => Hpke.Kdf;

    internal AeadAlgorithm Aead => Hpke.Aead ?? throw new InvalidOperationException("MLS needs a suite that encrypts.");

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
