using Sotto.Crypto;
using Sotto.Mls.Suites;

namespace Sotto.Interop;

/// <summary>The suites that both implementations have.</summary>
internal static class InteropSuites
{
    /// <summary>What ts-mls calls 0x0053: X-Wing with the plain DeriveKeyPair, SHA-512. Sotto offers it to nobody.</summary>
    private static readonly CipherSuite _tsMlsXWing = new(
        new(0x0053), "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
        new(KemAlgorithm.XWing, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm, XWingDerivation.Plain), SignatureAlgorithm.Ed25519);

    public static IReadOnlyList<CipherSuite> All { get; } =
        [CipherSuite.X25519Aes128Sha256Ed25519, CipherSuite.P256Aes128Sha256P256, CipherSuite.X25519ChaChaSha256Ed25519, _tsMlsXWing];

    public static CipherSuite Find(ushort id) => All.Single(suite => suite.Id.Value == id);
}
