namespace Sotto.Crypto.Tests.Vectors;

public sealed class AesVectorTests
{
    [Fact]
    public void Aes_cbc_opens_exactly_the_valid_ciphertexts()
    {
        using var file = VectorFile.Open("wycheproof/aes_cbc_pkcs5_test.json");

        file.RunAll(216, vector =>
        {
            var ciphertext = vector["ct"];
            var plaintext = new byte[ciphertext.Length];
            var opened = Providers.Native.TryAesCbcDecrypt(vector["key"], vector["iv"], ciphertext, plaintext, out var written);

            Assert.Equal(vector.IsValid, opened);
            if (!opened)
            {
                Assert.Equal(0, written);
                Assert.Equal(new byte[plaintext.Length], plaintext);
                return;
            }

            Assert.Equal(vector["msg"], plaintext[..written]);
            var again = new byte[ciphertext.Length];
            Providers.Native.AesCbcEncrypt(vector["key"], vector["iv"], vector["msg"], again);
            Assert.Equal(ciphertext, again);
        });
    }

    [Fact]
    public void Aes_gcm_opens_exactly_the_valid_ciphertexts_of_its_sizes_and_refuses_other_sizes()
    {
        using var file = VectorFile.Open("wycheproof/aes_gcm_test.json");
        var refused = 0;

        file.RunAll(316, vector =>
        {
            AeadAlgorithm? fitting = (vector["key"].Length, vector["iv"].Length) switch
            {
                (16, 12) => AeadAlgorithm.Aes128Gcm,
                (32, 12) => AeadAlgorithm.Aes256Gcm,
                _ => null,
            };
            if (fitting is { } algorithm)
            {
                AeadCases.Check(algorithm, vector);
                return;
            }

            AeadCases.CheckRefused(AeadAlgorithm.Aes128Gcm, vector);
            AeadCases.CheckRefused(AeadAlgorithm.Aes256Gcm, vector);
            refused++;
        });

        // 64 with a 192-bit key and a 96-bit nonce, 119 with a nonce of another size.
        Assert.Equal(183, refused);
    }
}
