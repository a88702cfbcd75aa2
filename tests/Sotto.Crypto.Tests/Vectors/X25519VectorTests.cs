namespace Sotto.Crypto.Tests.Vectors;

/// <summary>
/// Wycheproof calls a case valid when every implementation must compute it, and acceptable when it may refuse. Ours
/// computes all valid ones and the acceptable ones on the twist, and refuses points of low order and, beyond what
/// RFC 7748 asks, encodings that are not canonical.
/// </summary>
public sealed class X25519VectorTests
{
    [Fact]
    public void X25519_gives_every_secret_that_is_safe_and_refuses_the_rest()
    {
        using var file = VectorFile.Open("wycheproof/x25519_test.json");
        var seen = new Dictionary<string, int>();

        file.RunAll(518, vector =>
        {
            var outcome = Agree(vector["private"], vector["public"], out var shared);
            seen[outcome] = seen.GetValueOrDefault(outcome) + 1;

            if (outcome == "agreed")
                Assert.Equal(vector["shared"], shared);
            else
                Assert.True(vector.Has("LowOrderPublic") || vector.Has("NonCanonicalPublic"), outcome);
            Assert.False(vector.IsValid && outcome != "agreed", outcome);
        });

        // 264 valid and 210 acceptable ones agree; 15 of low order, and 29 not canonical, of which 16 of low order too.
        Assert.Equal(474, seen["agreed"]);
        Assert.Equal(15, seen[nameof(CryptoFailure.ZeroSharedSecret)]);
        Assert.Equal(29, seen[nameof(CryptoFailure.UnusablePublicKey)]);
    }

    private static string Agree(byte[] privateKey, byte[] publicKey, out byte[] shared)
    {
        shared = new byte[Sizes.X25519Key];
        try
        {
            Providers.Native.X25519Agree(privateKey, publicKey, shared);
            return "agreed";
        }
        catch (CryptoException refusal)
        {
            Assert.Equal(new byte[Sizes.X25519Key], shared);
            return refusal.Failure.ToString();
        }
    }
}
