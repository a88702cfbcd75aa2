using Sotto.Crypto.Native;

namespace Sotto.Crypto.Tests.Provider;

public sealed class RandomTests
{
    [Fact]
    public void Random_bytes_come_from_the_given_source()
    {
        var first = new byte[40];
        var second = new byte[40];
        Providers.Seeded(7).FillRandom(first);
        Providers.Seeded(7).FillRandom(second);

        Assert.Equal(first, second);
        Assert.NotEqual(new byte[40], first);
    }

    [Fact]
    public void The_systems_random_bytes_differ_each_time()
    {
        var first = new byte[32];
        var second = new byte[32];
        Providers.Native.FillRandom(first);
        Providers.Native.FillRandom(second);

        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_seeded_encapsulation_repeats()
    {
        var publicKey = new byte[Sizes.XWingPublicKey];
        Providers.Native.XWingPublicKey(new byte[Sizes.XWingPrivateKey], publicKey);

        Assert.Equal(Encapsulate(Providers.Seeded(1), publicKey), Encapsulate(Providers.Seeded(1), publicKey));
        Assert.NotEqual(Encapsulate(Providers.Seeded(1), publicKey), Encapsulate(Providers.Seeded(2), publicKey));
    }

    [Fact]
    public void A_provider_without_a_source_is_refused() =>
        Assert.Throws<ArgumentNullException>(() => new NativeCryptoProvider(null!));

    private static byte[] Encapsulate(NativeCryptoProvider provider, byte[] publicKey)
    {
        var ciphertext = new byte[Sizes.XWingCiphertext];
        provider.XWingEncapsulate(publicKey, ciphertext, new byte[Sizes.XWingSharedSecret]);
        return ciphertext;
    }
}
