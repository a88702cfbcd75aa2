namespace Sotto.Crypto.Tests.Vectors;

public sealed class HkdfVectorTests
{
    [Theory]
    [InlineData("wycheproof/hkdf_sha256_test.json", HashAlgorithm.Sha256, 86)]
    [InlineData("wycheproof/hkdf_sha384_test.json", HashAlgorithm.Sha384, 83)]
    [InlineData("wycheproof/hkdf_sha512_test.json", HashAlgorithm.Sha512, 83)]
    public void Hkdf_gives_the_published_keys_and_refuses_more_than_255_blocks(string name, HashAlgorithm algorithm, int cases)
    {
        using var file = VectorFile.Open(name);

        file.RunAll(cases, vector =>
        {
            var pseudorandomKey = new byte[Sizes.Digest(algorithm)];
            Providers.Native.HkdfExtract(algorithm, vector["salt"], vector["ikm"], pseudorandomKey);

            using var key = Providers.Native.OpenHkdf(algorithm, pseudorandomKey);
            var output = new byte[vector.Test.GetProperty("size").GetInt32()];
            if (vector.IsValid)
            {
                Providers.Native.HkdfExpand(algorithm, pseudorandomKey, vector["info"], output);
                Assert.Equal(vector["okm"], output);
                for (var again = 0; again < 2; again++)
                {
                    output.AsSpan().Clear();
                    key.Expand(vector["info"], output);
                    Assert.Equal(vector["okm"], output);
                }
            }
            else
            {
                Assert.True(vector.Has("SizeTooLarge"));
                Assert.Throws<ArgumentException>(() =>
                    Providers.Native.HkdfExpand(algorithm, pseudorandomKey, vector["info"], output));
                Assert.Throws<ArgumentException>(() => key.Expand(vector["info"], output));
            }
        });
    }
}
