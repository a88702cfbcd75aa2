namespace Sotto.Crypto.Tests.Vectors;

public sealed class XChaCha20VectorTests
{
    [Fact]
    public void XChaCha20_opens_exactly_the_valid_ciphertexts_and_refuses_other_nonce_sizes()
    {
        using var file = VectorFile.Open("wycheproof/xchacha20_poly1305_test.json");
        var refused = 0;

        file.RunAll(315, vector =>
        {
            if (vector["iv"].Length == Sizes.AeadNonce(AeadAlgorithm.XChaCha20Poly1305))
            {
                AeadCases.Check(AeadAlgorithm.XChaCha20Poly1305, vector);
                return;
            }

            AeadCases.CheckRefused(AeadAlgorithm.XChaCha20Poly1305, vector);
            refused++;
        });

        Assert.Equal(9, refused);
    }
}
