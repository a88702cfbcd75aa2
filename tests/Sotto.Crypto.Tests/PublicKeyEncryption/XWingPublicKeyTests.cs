namespace Sotto.Crypto.Tests.PublicKeyEncryption;

/// <summary>What can be said of an X-Wing key without encapsulating to it is exactly what encapsulation says.</summary>
public sealed class XWingPublicKeyTests
{
    private static readonly Hpke Suite = new(Providers.Native, new(KemAlgorithm.XWing, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm));

    /// <summary>The keys of Wycheproof's ML-KEM file, each beside a sound X25519 key; counted where ML-KEM itself is tested.</summary>
    [Fact]
    public void The_published_ml_kem_keys_are_refused_exactly_when_they_are_not_reduced()
    {
        using var file = VectorFile.Open("wycheproof/mlkem_768_encaps_test.json.gz");
        byte[] x25519 = [9, .. new byte[31]];
        var refused = 0;
        foreach (var vector in file.WycheproofCases.Where(vector => vector["ek"].Length == 1184))
        {
            byte[] key = [.. vector["ek"], .. x25519];
            var check = Record.Exception(() => Suite.RequirePublicKey(key));
            Assert.Equal(vector.IsValid, check is null);
            Assert.Equal(check is null, Record.Exception(() => Suite.Seal(key, [], [], [])) is null);
            if (check is CryptoException { Failure: CryptoFailure.UnusablePublicKey })
                refused++;
        }

        Assert.Equal(112, refused);
    }

    [Theory]
    [InlineData(0, 0, 3328, true)]
    [InlineData(0, 0, 3329, false)]
    [InlineData(0, 1, 3328, true)]
    [InlineData(0, 1, 3329, false)]
    [InlineData(383, 0, 4095, false)]
    [InlineData(383, 1, 3328, true)]
    [InlineData(383, 1, 3329, false)]
    public void Every_coefficient_is_checked(int pair, int half, int coefficient, bool usable)
    {
        var key = SoundKey();
        var triple = key.AsSpan(3 * pair, 3);
        if (half == 0)
        {
            triple[0] = (byte)coefficient;
            triple[1] = (byte)((triple[1] & 0xF0) | (coefficient >> 8));
        }
        else
        {
            triple[1] = (byte)((triple[1] & 0x0F) | (coefficient << 4));
            triple[2] = (byte)(coefficient >> 4);
        }

        Assert.Equal(usable, Record.Exception(() => Suite.RequirePublicKey(key)) is null);
        Assert.Equal(usable, Record.Exception(() => Suite.Seal(key, [], [], [])) is null);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", CryptoFailure.ZeroSharedSecret)]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", CryptoFailure.ZeroSharedSecret)]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", CryptoFailure.UnusablePublicKey)]
    [InlineData("0900000000000000000000000000000000000000000000000000000000000080", CryptoFailure.UnusablePublicKey)]
    public void An_X25519_part_that_cannot_be_used_is_refused(string x25519, CryptoFailure failure)
    {
        byte[] key = [.. SoundKey()[..^32], .. Convert.FromHexString(x25519)];

        Assert.Equal(failure, Assert.Throws<CryptoException>(() => Suite.RequirePublicKey(key)).Failure);
        Assert.Throws<CryptoException>(() => Suite.Seal(key, [], [], []));
    }

    private static byte[] SoundKey() => Suite.PublicKey(new byte[32]);
}
