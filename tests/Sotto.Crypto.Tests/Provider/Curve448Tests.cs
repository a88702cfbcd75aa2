using System.Numerics;

namespace Sotto.Crypto.Tests.Provider;

public sealed class Curve448Tests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 448) - BigInteger.Pow(2, 224) - 1;

    private static readonly BigInteger GroupOrder =
        BigInteger.Pow(2, 446) - BigInteger.Parse("13818066809895115352007386748515426880336692474882178609894547503885");

    [Fact]
    public void Both_sides_of_an_agreement_hold_the_same_secret()
    {
        var alice = new byte[Sizes.X448Key];
        var bob = new byte[Sizes.X448Key];
        Providers.Seeded(1).FillRandom(alice);
        Providers.Seeded(2).FillRandom(bob);

        Assert.Equal(Agree(alice, PublicKey(bob)), Agree(bob, PublicKey(alice)));
    }

    [Fact]
    public void A_point_of_low_order_is_refused_and_leaves_zeroes()
    {
        foreach (var coordinate in new[] { BigInteger.Zero, BigInteger.One, Prime - 1 })
        {
            byte[] shared = [.. Enumerable.Repeat((byte)0xAA, Sizes.X448Key)];
            var refusal = Assert.Throws<CryptoException>(() =>
                Providers.Native.X448Agree(new byte[Sizes.X448Key], Coordinate(coordinate), shared));
            Assert.Equal(CryptoFailure.ZeroSharedSecret, refusal.Failure);
            Assert.Equal(new byte[Sizes.X448Key], shared);
        }
    }

    [Fact]
    public void A_coordinate_of_the_prime_or_more_is_refused()
    {
        foreach (var coordinate in new[] { Prime, Prime + 1, Prime + 5, BigInteger.Pow(2, 448) - 1 })
        {
            var refusal = Assert.Throws<CryptoException>(() => Agree(new byte[Sizes.X448Key], Coordinate(coordinate)));
            Assert.Equal(CryptoFailure.UnusablePublicKey, refusal.Failure);
        }
    }

    /// <summary>The check must not refuse too much: neighbours of the prime below it, and values with its upper half.</summary>
    [Fact]
    public void A_large_canonical_coordinate_agrees()
    {
        foreach (var coordinate in new[] { Prime - 2, Prime - 3, Prime - BigInteger.Pow(2, 100), Prime - BigInteger.Pow(2, 224) })
            Assert.NotEqual(new byte[Sizes.X448Key], Agree(new byte[Sizes.X448Key], Coordinate(coordinate)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(57)]
    public void A_peers_key_of_another_length_is_refused(int length)
    {
        var refusal = Assert.Throws<CryptoException>(() => Agree(new byte[Sizes.X448Key], new byte[length]));
        Assert.Equal(CryptoFailure.WrongLength, refusal.Failure);
    }

    [Fact]
    public void Ones_own_arguments_of_another_length_are_refused()
    {
        var provider = Providers.Native;
        Assert.Throws<ArgumentException>(() => provider.X448PublicKey(new byte[55], new byte[56]));
        Assert.Throws<ArgumentException>(() => provider.X448PublicKey(new byte[56], new byte[57]));
        Assert.Throws<ArgumentException>(() => provider.X448Agree(new byte[57], new byte[56], new byte[56]));
        Assert.Throws<ArgumentException>(() => provider.X448Agree(new byte[56], new byte[56], new byte[55]));
        Assert.Throws<ArgumentException>(() => provider.Ed448PublicKey(new byte[56], new byte[57]));
        Assert.Throws<ArgumentException>(() => provider.Ed448PublicKey(new byte[57], new byte[56]));
        Assert.Throws<ArgumentException>(() => provider.Ed448SignWithKeyPair(new byte[57], [], new byte[114]));
        Assert.Throws<ArgumentException>(() => provider.Ed448SignWithKeyPair(new byte[114], [], new byte[113]));
    }

    [Fact]
    public void A_second_encoding_of_a_valid_signature_is_refused()
    {
        var scheme = new SignatureScheme(Providers.Native, SignatureAlgorithm.Ed448);
        using var key = scheme.OpenPrivateKey(new byte[Sizes.Ed448Seed]);
        var signature = key.Sign("message"u8);
        Assert.True(scheme.Verify(key.PublicKey, "message"u8, signature));

        var s = new BigInteger(signature.AsSpan(57), isUnsigned: true) + GroupOrder;
        Assert.True(s.TryWriteBytes(signature.AsSpan(57), out _, isUnsigned: true));
        Assert.False(scheme.Verify(key.PublicKey, "message"u8, signature));
    }

    /// <summary>With a key of small order as key and as R, S = 0 satisfies the equation for one message in four or for all.</summary>
    [Fact]
    public void A_key_of_small_order_signs_nothing()
    {
        var neutral = Coordinate(BigInteger.One);
        var orderTwo = Coordinate(Prime - 1);
        var orderFour = Coordinate(BigInteger.Zero);
        foreach (var y in new[] { neutral, orderTwo, orderFour })
        {
            byte[] key = [.. y, 0];
            byte[] signature = [.. neutral, 0, .. new byte[57]];
            for (var i = 0; i < 8; i++)
                Assert.False(Providers.Native.Ed448Verify(key, [(byte)i], signature));
        }
    }

    private static byte[] Coordinate(BigInteger value)
    {
        var bytes = new byte[Sizes.X448Key];
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }

    private static byte[] PublicKey(byte[] privateKey)
    {
        var publicKey = new byte[Sizes.X448Key];
        Providers.Native.X448PublicKey(privateKey, publicKey);
        return publicKey;
    }

    private static byte[] Agree(byte[] privateKey, byte[] publicKey)
    {
        var shared = new byte[Sizes.X448Key];
        Providers.Native.X448Agree(privateKey, publicKey, shared);
        return shared;
    }
}
