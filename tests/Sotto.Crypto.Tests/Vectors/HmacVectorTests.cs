namespace Sotto.Crypto.Tests.Vectors;

public sealed class HmacVectorTests
{
    /// <summary>Half of the cases use a tag cut to half its length; the provider gives whole ones, and the test cuts.</summary>
    [Theory]
    [InlineData("wycheproof/hmac_sha256_test.json", HashAlgorithm.Sha256)]
    [InlineData("wycheproof/hmac_sha384_test.json", HashAlgorithm.Sha384)]
    [InlineData("wycheproof/hmac_sha512_test.json", HashAlgorithm.Sha512)]
    public void Hmac_gives_exactly_the_valid_tags(string name, HashAlgorithm algorithm)
    {
        using var file = VectorFile.Open(name);

        file.RunAll(174, vector =>
        {
            var mac = new byte[Sizes.Digest(algorithm)];
            Providers.Native.Hmac(algorithm, vector["key"], vector["msg"], mac);

            var tag = vector["tag"];
            Assert.Equal(vector.Group.GetProperty("tagSize").GetInt32() / 8, tag.Length);
            Assert.Equal(vector.IsValid, mac.AsSpan(0, tag.Length).SequenceEqual(tag));
        });
    }
}
