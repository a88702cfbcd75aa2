using CsCheck;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sotto.Crypto.Tests.Provider;

public sealed class X25519Tests
{
    [Fact]
    public void Both_sides_agree_with_each_other_and_with_bouncy_castle() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[32]).Sample(
            (alice, bob) =>
            {
                var agreement = new X25519Agreement();
                agreement.Init(new X25519PrivateKeyParameters(alice));
                var expected = new byte[32];
                agreement.CalculateAgreement(new X25519PublicKeyParameters(PublicKey(bob)), expected, 0);

                Assert.Equal(expected, Agree(alice, PublicKey(bob)));
                Assert.Equal(expected, Agree(bob, PublicKey(alice)));
            },
            iter: 50);

    [Fact]
    public void Every_point_that_is_listed_as_of_low_order_is_one()
    {
        var hpke = new Hpke(Providers.Native, new HpkeAlgorithms(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm));
        foreach (var point in PeerKeys.LowOrder25519)
        {
            var agreed = Assert.Throws<CryptoException>(() => Agree(new byte[32], point));
            Assert.Equal(CryptoFailure.ZeroSharedSecret, agreed.Failure);
            Assert.Equal(CryptoFailure.ZeroSharedSecret, Assert.Throws<CryptoException>(() => hpke.RequirePublicKey(point)).Failure);
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", CryptoFailure.ZeroSharedSecret)]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000", CryptoFailure.ZeroSharedSecret)]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", CryptoFailure.ZeroSharedSecret)]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", CryptoFailure.UnusablePublicKey)]
    [InlineData("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", CryptoFailure.UnusablePublicKey)]
    [InlineData("0900000000000000000000000000000000000000000000000000000000000080", CryptoFailure.UnusablePublicKey)]
    public void A_point_of_low_order_or_another_encoding_is_refused(string publicKey, CryptoFailure failure)
    {
        byte[] shared = [.. Enumerable.Repeat((byte)0xAA, 32)];
        var refusal = Assert.Throws<CryptoException>(() =>
            Providers.Native.X25519Agree(new byte[32], Convert.FromHexString(publicKey), shared));

        Assert.Equal(failure, refusal.Failure);
        if (failure == CryptoFailure.ZeroSharedSecret)
            Assert.Equal(new byte[32], shared);
    }

    /// <summary>The largest coordinate of a curve point below the prime: the check must not refuse too much.</summary>
    [Fact]
    public void A_large_canonical_point_agrees()
    {
        var largest = Convert.FromHexString("eaffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

        Assert.NotEqual(new byte[32], Agree(new byte[32], largest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_peers_key_of_another_length_is_refused(int length)
    {
        var refusal = Assert.Throws<CryptoException>(() => Agree(new byte[32], new byte[length]));
        Assert.Equal(CryptoFailure.WrongLength, refusal.Failure);
    }

    [Fact]
    public void Ones_own_arguments_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Providers.Native.X25519PublicKey(new byte[31], new byte[32]));
        Assert.Throws<ArgumentException>(() => Providers.Native.X25519PublicKey(new byte[32], new byte[31]));
        Assert.Throws<ArgumentException>(() => Providers.Native.X25519Agree(new byte[31], new byte[32], new byte[32]));
        Assert.Throws<ArgumentException>(() => Providers.Native.X25519Agree(new byte[32], new byte[32], new byte[31]));
    }

    private static byte[] PublicKey(byte[] privateKey)
    {
        var publicKey = new byte[Sizes.X25519Key];
        Providers.Native.X25519PublicKey(privateKey, publicKey);
        return publicKey;
    }

    private static byte[] Agree(byte[] privateKey, byte[] publicKey)
    {
        var shared = new byte[Sizes.X25519Key];
        Providers.Native.X25519Agree(privateKey, publicKey, shared);
        return shared;
    }
}
