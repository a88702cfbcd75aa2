namespace Sotto.Crypto.Tests.Vectors;

public sealed class ChaCha20VectorTests
{
    [Fact]
    public void ChaCha20_opens_exactly_the_valid_ciphertexts_and_refuses_other_nonce_sizes()
    {
        using var file = VectorFile.Open("wycheproof/chacha20_poly1305_test.json");
        var refused = 0;

        file.RunAll(325, vector =>
        {
            if (vector["iv"].Length == Sizes.AeadNonce(AeadAlgorithm.ChaCha20Poly1305))
            {
                AeadCases.Check(AeadAlgorithm.ChaCha20Poly1305, vector);
                return;
            }

            AeadCases.CheckRefused(AeadAlgorithm.ChaCha20Poly1305, vector);
            refused++;
        });

        Assert.Equal(9, refused);
    }
}
