using CsCheck;

namespace Sotto.Crypto.Tests.Provider;

public sealed class XWingTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void What_libsodium_encapsulates_bouncy_castle_opens() =>
        Gen.Byte.Array[32].Sample(
            key =>
            {
                var publicKey = BouncyCastleXWing.PublicKey(key);
                Assert.Equal(publicKey, PublicKey(key));

                var (ciphertext, secret) = Encapsulate(publicKey);
                Assert.Equal(secret, BouncyCastleXWing.Decapsulate(key, ciphertext));
            },
            iter: 20);

    [Fact]
    public void What_bouncy_castle_encapsulates_libsodium_opens() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[32]).Sample(
            (key, ephemeral) =>
            {
                var (ciphertext, secret) = BouncyCastleXWing.Encapsulate(PublicKey(key), ephemeral);
                Assert.Equal(secret, Decapsulate(key, ciphertext));
            },
            iter: 20);

    [Fact]
    public void Plain_derivation_is_shake256_of_the_material() =>
        Gen.Byte.Array[0, 100].Sample(
            material =>
            {
                var derived = new byte[Sizes.XWingPrivateKey];
                Providers.Native.XWingDerivePrivateKey(XWingDerivation.Plain, material, derived);
                Assert.Equal(BouncyCastleXWing.Shake256(material, derived.Length), derived);
            },
            iter: 50);

    [Fact]
    public void A_changed_ciphertext_gives_another_secret()
    {
        var (ciphertext, secret) = Encapsulate(PublicKey(Key));
        Assert.Equal(secret, Decapsulate(Key, ciphertext));

        ciphertext[0] ^= 1;
        Assert.NotEqual(secret, Decapsulate(Key, ciphertext));
    }

    [Fact]
    public void A_public_key_that_fails_the_modulus_check_is_refused()
    {
        // The first coefficient becomes 4095, above q = 3329 (FIPS 203 §7.2).
        var publicKey = PublicKey(Key);
        publicKey[0] = 0xFF;
        publicKey[1] |= 0x0F;

        AssertRefused(CryptoFailure.UnusablePublicKey, () => Encapsulate(publicKey));
    }

    [Fact]
    public void A_public_key_whose_curve_part_is_of_low_order_or_not_canonical_is_refused()
    {
        foreach (var point in BadPoints())
        {
            var publicKey = PublicKey(Key);
            point.CopyTo(publicKey.AsSpan(^32..));
            AssertRefused(CryptoFailure.UnusablePublicKey, () => Encapsulate(publicKey));
        }
    }

    [Fact]
    public void A_ciphertext_whose_curve_part_is_of_low_order_or_not_canonical_is_refused()
    {
        var (good, _) = Encapsulate(PublicKey(Key));
        foreach (var point in BadPoints())
        {
            byte[] ciphertext = [.. good[..^32], .. point];
            var refusal = Assert.Throws<CryptoException>(() => Decapsulate(Key, ciphertext));
            Assert.True(refusal.Failure is CryptoFailure.ZeroSharedSecret or CryptoFailure.UnusablePublicKey);
        }
    }

    [Fact]
    public void A_refused_key_leaves_zeroes()
    {
        var publicKey = PublicKey(Key);
        publicKey.AsSpan(^32..).Clear();
        byte[] ciphertext = [.. Enumerable.Repeat((byte)0xAA, Sizes.XWingCiphertext)];
        byte[] secret = [.. Enumerable.Repeat((byte)0xAA, Sizes.XWingSharedSecret)];

        Assert.Throws<CryptoException>(() => Providers.Native.XWingEncapsulate(publicKey, ciphertext, secret));
        Assert.Equal(new byte[Sizes.XWingCiphertext], ciphertext);
        Assert.Equal(new byte[Sizes.XWingSharedSecret], secret);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_peers_key_or_ciphertext_of_another_length_is_refused(int difference)
    {
        AssertRefused(CryptoFailure.WrongLength, () => Encapsulate(new byte[Sizes.XWingPublicKey + difference]));
        AssertRefused(CryptoFailure.WrongLength, () => Decapsulate(Key, new byte[Sizes.XWingCiphertext + difference]));
    }

    [Fact]
    public void Ones_own_arguments_of_another_length_are_refused()
    {
        var provider = Providers.Native;
        var secret = new byte[32];
        Assert.Throws<ArgumentException>(() => provider.XWingPublicKey(new byte[31], new byte[Sizes.XWingPublicKey]));
        Assert.Throws<ArgumentException>(() => provider.XWingPublicKey(Key, new byte[Sizes.XWingPublicKey - 1]));
        Assert.Throws<ArgumentException>(() => provider.XWingEncapsulate(PublicKey(Key), new byte[1119], secret));
        Assert.Throws<ArgumentException>(() => provider.XWingEncapsulate(PublicKey(Key), new byte[1120], new byte[31]));
        Assert.Throws<ArgumentException>(() => provider.XWingDecapsulate(new byte[33], new byte[1120], secret));
        Assert.Throws<ArgumentException>(() => provider.XWingDecapsulate(Key, new byte[1120], new byte[33]));
        Assert.Throws<ArgumentException>(() => provider.XWingDerivePrivateKey(XWingDerivation.Plain, Key, new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => provider.XWingDerivePrivateKey((XWingDerivation)9, Key, secret));
    }

    private static List<byte[]> BadPoints() =>
    [
        new byte[32],
        [1, .. new byte[31]],
        [0xED, .. Enumerable.Repeat((byte)0xFF, 30), 0x7F],
        [9, .. new byte[30], 0x80],
    ];

    private static void AssertRefused(CryptoFailure failure, Action action) =>
        Assert.Equal(failure, Assert.Throws<CryptoException>(action).Failure);

    private static byte[] PublicKey(byte[] privateKey)
    {
        var publicKey = new byte[Sizes.XWingPublicKey];
        Providers.Native.XWingPublicKey(privateKey, publicKey);
        return publicKey;
    }

    private static (byte[] Ciphertext, byte[] Secret) Encapsulate(byte[] publicKey)
    {
        var ciphertext = new byte[Sizes.XWingCiphertext];
        var secret = new byte[Sizes.XWingSharedSecret];
        Providers.Native.XWingEncapsulate(publicKey, ciphertext, secret);
        return (ciphertext, secret);
    }

    private static byte[] Decapsulate(byte[] privateKey, byte[] ciphertext)
    {
        var secret = new byte[Sizes.XWingSharedSecret];
        Providers.Native.XWingDecapsulate(privateKey, ciphertext, secret);
        return secret;
    }
}
