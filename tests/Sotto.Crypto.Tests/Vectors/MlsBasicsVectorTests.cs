using System.Text;
using System.Text.Json;

namespace Sotto.Crypto.Tests.Vectors;

/// <summary>
/// The signatures and ciphertexts of the seven ciphersuites of RFC 9420: the only published ones for Ed448, for P-384
/// as a KEM, and for ECDSA on P-384 and P-521. What MLS derives beside them is tested where MLS is.
/// </summary>
public sealed class MlsBasicsVectorTests
{
    private static readonly Dictionary<int, (SignatureAlgorithm Signature, HpkeAlgorithms Hpke)> Suites = new()
    {
        [1] = (SignatureAlgorithm.Ed25519, new(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm)),
        [2] = (SignatureAlgorithm.EcdsaP256Sha256, new(KemAlgorithm.DhkemP256, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm)),
        [3] = (SignatureAlgorithm.Ed25519, new(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, AeadAlgorithm.ChaCha20Poly1305)),
        [4] = (SignatureAlgorithm.Ed448, new(KemAlgorithm.DhkemX448, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm)),
        [5] = (SignatureAlgorithm.EcdsaP521Sha512, new(KemAlgorithm.DhkemP521, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm)),
        [6] = (SignatureAlgorithm.Ed448, new(KemAlgorithm.DhkemX448, HashAlgorithm.Sha512, AeadAlgorithm.ChaCha20Poly1305)),
        [7] = (SignatureAlgorithm.EcdsaP384Sha384, new(KemAlgorithm.DhkemP384, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm)),
    };

    [Fact]
    public void Every_suites_signature_verifies_and_ciphertext_opens()
    {
        using var file = VectorFile.Open("mls/test-vectors/crypto-basics.json");
        var count = 0;
        foreach (var vector in file.Root.EnumerateArray())
        {
            var (signature, hpke) = Suites[vector.GetProperty("cipher_suite").GetInt32()];
            CheckSignature(new SignatureScheme(Providers.Native, signature), vector.GetProperty("sign_with_label"));
            CheckCiphertext(new Crypto.Hpke(Providers.Native, hpke), vector.GetProperty("encrypt_with_label"));
            count++;
        }

        file.Ran(count, Suites.Count);
    }

    /// <summary>SignWithLabel (RFC 9420 §5.1.2).</summary>
    private static void CheckSignature(SignatureScheme scheme, JsonElement vector)
    {
        var content = Labeled(vector, "content");
        Assert.True(scheme.Verify(Bytes(vector, "pub"), content, Bytes(vector, "signature")));
        Assert.False(scheme.Verify(Bytes(vector, "pub"), [.. content, 0], Bytes(vector, "signature")));

        using var key = scheme.OpenPrivateKey(Bytes(vector, "priv"));
        Assert.Equal(Bytes(vector, "pub"), key.PublicKey);
        var again = key.Sign(content);
        Assert.True(scheme.Verify(key.PublicKey, content, again));
        if (scheme.Algorithm is SignatureAlgorithm.Ed25519 or SignatureAlgorithm.Ed448)
            Assert.Equal(Bytes(vector, "signature"), again);
    }

    /// <summary>EncryptWithLabel (RFC 9420 §5.1.3).</summary>
    private static void CheckCiphertext(Crypto.Hpke hpke, JsonElement vector)
    {
        var context = Labeled(vector, "context");
        Assert.Equal(Bytes(vector, "pub"), hpke.PublicKey(Bytes(vector, "priv")));
        hpke.RequirePublicKey(Bytes(vector, "pub"));
        Assert.True(hpke.TryOpen(
            Bytes(vector, "priv"), Bytes(vector, "kem_output"), context, [], Bytes(vector, "ciphertext"), out var plaintext));
        Assert.Equal(Bytes(vector, "plaintext"), plaintext.Bytes);
        plaintext.Dispose();
    }

    /// <summary>The label and a field, each behind its length in one or two bytes (RFC 9420 §2.1.2).</summary>
    private static byte[] Labeled(JsonElement vector, string field)
    {
        var label = Encoding.ASCII.GetBytes("MLS 1.0 " + vector.GetProperty("label").GetString());
        var value = Bytes(vector, field);
        return [.. Length(label), .. label, .. Length(value), .. value];
    }

    private static byte[] Length(byte[] value) =>
        value.Length < 0x40 ? [(byte)value.Length] : [(byte)(0x40 | (value.Length >> 8)), (byte)value.Length];

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);
}
