using Sotto.Crypto.Native;

namespace Sotto.Mls.Tests;

/// <summary>Suites that only tests have, and one provider for all of them.</summary>
internal static class TestSuites
{
    public static NativeCryptoProvider Provider { get; } = new();

    /// <summary>What ts-mls calls 0x0053: X-Wing with the plain DeriveKeyPair, SHA-512.</summary>
    public static CipherSuite TsMlsXWing { get; } = new(
        new(0x0053), "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
        new(KemAlgorithm.XWing, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm, XWingDerivation.Plain), SignatureAlgorithm.Ed25519);

    /// <summary>Our default suite under the wire id that ts-mls knows.</summary>
    public static CipherSuite DefaultUnder0053 { get; } = CipherSuite.XWingAes256Sha384Ed25519 with { Id = new(0x0053) };

    public static SuiteCrypto Crypto(CipherSuite suite) => new(Provider, suite);

    /// <summary>A published private key at its full length; some files cut the leading zeros of P-521 scalars.</summary>
    public static byte[] PublishedKey(byte[] privateKey, int length) => [.. new byte[length - privateKey.Length], .. privateKey];

    /// <summary>Opens a published signature key.</summary>
    public static SigningKey OpenPublished(this SignatureScheme scheme, byte[] privateKey)
    {
        using var sample = scheme.GeneratePrivateKey();
        return scheme.OpenPrivateKey(PublishedKey(privateKey, sample.Length));
    }
}
