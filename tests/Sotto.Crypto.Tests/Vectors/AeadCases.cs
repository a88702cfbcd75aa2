namespace Sotto.Crypto.Tests.Vectors;

internal static class AeadCases
{
    /// <summary>A valid case opens and is sealed again to the same bytes; an invalid one does not open and leaves zeroes.</summary>
    public static void Check(AeadAlgorithm algorithm, VectorCase vector)
    {
        byte[] ciphertext = [.. vector["ct"], .. vector["tag"]];
        var plaintext = new byte[ciphertext.Length - Sizes.AeadTag];
        var opened = Providers.Native.TryAeadOpen(algorithm, vector["key"], vector["iv"], vector["aad"], ciphertext, plaintext);

        Assert.Equal(vector.IsValid, opened);
        if (!opened)
        {
            Assert.Equal(new byte[plaintext.Length], plaintext);
            return;
        }

        Assert.Equal(vector["msg"], plaintext);
        var again = new byte[ciphertext.Length];
        Providers.Native.AeadSeal(algorithm, vector["key"], vector["iv"], vector["aad"], plaintext, again);
        Assert.Equal(ciphertext, again);
    }

    /// <summary>A key or nonce of another size than the algorithm's is the caller's mistake, valid case or not.</summary>
    public static void CheckRefused(AeadAlgorithm algorithm, VectorCase vector)
    {
        byte[] ciphertext = [.. vector["ct"], .. vector["tag"]];
        var plaintext = new byte[Math.Max(0, ciphertext.Length - Sizes.AeadTag)];
        Assert.Throws<ArgumentException>(() =>
            Providers.Native.TryAeadOpen(algorithm, vector["key"], vector["iv"], vector["aad"], ciphertext, plaintext));
    }
}
