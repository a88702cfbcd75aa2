namespace Sotto.Crypto.Tests.Vectors;

public sealed class ChaCha20VectorTests
{
    [Theory]
    [InlineData(AeadAlgorithm.ChaCha20Poly1305, "chacha20_poly1305_test.json", 325)]
    [InlineData(AeadAlgorithm.XChaCha20Poly1305, "xchacha20_poly1305_test.json", 315)]
    public void Exactly_the_valid_ciphertexts_are_opened_and_other_nonce_sizes_are_refused(AeadAlgorithm algorithm, string published, int cases)
    {
        using var file = VectorFile.Open($"wycheproof/{published}");
        var refused = 0;

        file.RunAll(cases, vector =>
        {
            if (vector["iv"].Length == Sizes.AeadNonce(algorithm))
            {
                AeadCases.Check(algorithm, vector);
                return;
            }

            AeadCases.CheckRefused(algorithm, vector);
            refused++;
        });

        Assert.Equal(9, refused);
    }
}
