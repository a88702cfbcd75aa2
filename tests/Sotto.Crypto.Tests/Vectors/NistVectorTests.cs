namespace Sotto.Crypto.Tests.Vectors;

public sealed class NistVectorTests
{
    [Fact]
    public void P256_agrees_with_every_uncompressed_point_on_the_curve_and_refuses_the_rest()
    {
        using var file = VectorFile.Open("wycheproof/ecdh_secp256r1_ecpoint_test.json");
        var refused = new Dictionary<CryptoFailure, int>();

        file.RunAll(355, vector =>
        {
            var shared = new byte[32];
            var privateKey = FixedWidth(vector["private"]);
            if (vector.IsValid)
            {
                Providers.Native.NistAgree(NistCurve.P256, privateKey, vector["public"], shared);
                Assert.Equal(vector["shared"], shared);
                return;
            }

            var refusal = Assert.Throws<CryptoException>(() => Providers.Native.NistAgree(NistCurve.P256, privateKey, vector["public"], shared));
            refused[refusal.Failure] = refused.GetValueOrDefault(refusal.Failure) + 1;
            Assert.Equal(new byte[32], shared);
        });

        // 16 are not on the curve; 9 are compressed, one of those acceptable, or empty.
        Assert.Equal(16, refused[CryptoFailure.UnusablePublicKey]);
        Assert.Equal(9, refused[CryptoFailure.WrongLength]);
    }

    [Fact]
    public void Ecdsa_on_P256_accepts_exactly_the_valid_signatures()
    {
        using var file = VectorFile.Open("wycheproof/ecdsa_secp256r1_sha256_test.json.gz");
        var scheme = new SignatureScheme(Providers.Native, SignatureAlgorithm.EcdsaP256Sha256);

        file.RunAll(484, vector =>
        {
            var key = Convert.FromHexString(vector.Group.GetProperty("publicKey").GetProperty("uncompressed").GetString()!);
            Assert.Equal(vector.IsValid, scheme.Verify(key, vector["msg"], vector["sig"]));
        });
    }

    /// <summary>The file writes scalars as signed integers of their own width.</summary>
    private static byte[] FixedWidth(byte[] scalar)
    {
        var significant = scalar.AsSpan().TrimStart((byte)0);
        return [.. new byte[32 - significant.Length], .. significant];
    }
}
