using System.Globalization;
using Sotto.Crypto;
using Sotto.Crypto.Native;

namespace Sotto.Bench.Mls;

/// <summary>What the primitives cost that MLS is made of: a floor is a number of calls times one of these.</summary>
internal static class PrimitiveRows
{
    public static IEnumerable<Row> Measure(Plan plan)
    {
        var provider = new NativeCryptoProvider();
        var scheme = new SignatureScheme(provider, SignatureAlgorithm.Ed25519);
        using var privateKey = scheme.GeneratePrivateKey();
        using var key = scheme.OpenPrivateKey(privateKey.Bytes);
        var hpke = new Hpke(provider, new HpkeAlgorithms(KemAlgorithm.XWing, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm));
        using var hpkeKey = hpke.GeneratePrivateKey();
        var hpkePublic = hpke.PublicKey(hpkeKey.Bytes);
        var info = hpke.PrepareInfo("info"u8);
        var message = new byte[1024];
        var signature = key.Sign(message);
        var sealedMessage = hpke.Seal(hpkePublic, info, default, new byte[48]);
        var (aeadKey, nonce, ciphertext, digest) = (new byte[32], new byte[12], new byte[1024 + 16], new byte[48]);

        (string What, Action Work)[] parts =
        [
            ("Ed25519, signing 1 KiB", () => key.Sign(message)),
            ("Ed25519, checking 1 KiB", () => scheme.Verify(key.PublicKey, message, signature)),
            ("X-Wing HPKE, sealing a path secret", () => hpke.Seal(hpkePublic, info, default, digest)),
            ("X-Wing HPKE, opening a path secret", () => Open(hpke, hpkeKey, sealedMessage)),
            ("X-Wing, public key of a derived key", () => hpke.PublicKey(hpkeKey.Bytes)),
            ("AES-256-GCM, sealing 1 KiB", () => provider.AeadSeal(AeadAlgorithm.Aes256Gcm, aeadKey, nonce, default, message, ciphertext)),
            ("HKDF-SHA-384, three expansions of one key", () => Expand(provider, digest)),
            ("SHA-384 of 1 KiB", () => provider.Hash(HashAlgorithm.Sha384, message, digest)),
        ];
        foreach (var (_, work) in parts)
            Timing.Warm(work, 0.1);
        var medians = Timing.Interleave(plan.Rounds, [.. parts.Select(part => (Func<double>)(() => Timing.SecondsEach(part.Work, plan.Sample)))]);
        return parts.Zip(medians, (part, seconds) => new Row(part.What, string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.0} µs")));
    }

    private static void Open(Hpke hpke, Secret key, HpkeCiphertext message)
    {
        hpke.TryOpen(key.Bytes, message.Encapsulation.Span, "info"u8, default, message.Ciphertext.Span, out var plaintext);
        plaintext!.Dispose();
    }

    private static void Expand(NativeCryptoProvider provider, byte[] secret)
    {
        Span<byte> output = stackalloc byte[48];
        using var key = provider.OpenHkdf(HashAlgorithm.Sha384, secret);
        for (var i = 0; i < 3; i++)
            key.Expand("MLS 1.0 secret"u8, output);
    }
}
