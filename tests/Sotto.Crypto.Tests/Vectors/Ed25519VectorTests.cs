namespace Sotto.Crypto.Tests.Vectors;

public sealed class Ed25519VectorTests
{
    [Fact]
    public void Ed25519_accepts_exactly_the_valid_signatures()
    {
        using var file = VectorFile.Open("wycheproof/ed25519_test.json");

        file.RunAll(151, vector =>
        {
            var key = Convert.FromHexString(vector.Group.GetProperty("publicKey").GetProperty("pk").GetString()!);
            Assert.Equal(vector.IsValid, Providers.Native.Ed25519Verify(key, vector["msg"], vector["sig"]));
        });
    }
}
