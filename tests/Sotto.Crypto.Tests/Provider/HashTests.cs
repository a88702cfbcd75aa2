using CsCheck;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Sotto.Crypto.Tests.Provider;

public sealed class HashTests
{
    [Theory]
    [InlineData(HashAlgorithm.Sha256)]
    [InlineData(HashAlgorithm.Sha384)]
    [InlineData(HashAlgorithm.Sha512)]
    public void A_digest_is_the_one_that_bouncy_castle_gives(HashAlgorithm algorithm) =>
        Gen.Byte.Array[0, 300].Sample(
            data =>
            {
                var digest = new byte[Sizes.Digest(algorithm)];
                Providers.Native.Hash(algorithm, data, digest);
                Assert.Equal(Reference(algorithm, data), digest);
            },
            iter: 200);

    [Theory]
    [InlineData(HashAlgorithm.Sha256)]
    [InlineData(HashAlgorithm.Sha384)]
    [InlineData(HashAlgorithm.Sha512)]
    public void A_destination_of_another_size_is_refused(HashAlgorithm algorithm)
    {
        var size = Sizes.Digest(algorithm);
        foreach (var wrong in new[] { 0, size - 1, size + 1 })
        {
            Assert.Throws<ArgumentException>(() => Providers.Native.Hash(algorithm, [1], new byte[wrong]));
            Assert.Throws<ArgumentException>(() => Providers.Native.Hmac(algorithm, [1], [2], new byte[wrong]));
            Assert.Throws<ArgumentException>(() => Providers.Native.HkdfExtract(algorithm, [1], [2], new byte[wrong]));
        }
    }

    [Fact]
    public void A_pseudorandom_key_shorter_than_a_digest_is_refused() =>
        Assert.Throws<ArgumentException>(() => Providers.Native.HkdfExpand(HashAlgorithm.Sha256, new byte[31], [], new byte[16]));

    [Fact]
    public void An_unknown_algorithm_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Providers.Native.Hash((HashAlgorithm)99, [], new byte[32]));

    /// <summary>These run for every message, so they may leave nothing to collect.</summary>
    [Fact]
    public void Hash_hmac_and_hkdf_allocate_nothing()
    {
        var key = new byte[32];
        var output = new byte[32];
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run()
        {
            Providers.Native.Hash(HashAlgorithm.Sha256, key, output);
            Providers.Native.Hmac(HashAlgorithm.Sha256, key, output, output);
            Providers.Native.HkdfExtract(HashAlgorithm.Sha256, key, output, output);
            Providers.Native.HkdfExpand(HashAlgorithm.Sha256, key, "info"u8, output);
        }
    }

    private static byte[] Reference(HashAlgorithm algorithm, byte[] data)
    {
        IDigest digest = algorithm switch
        {
            HashAlgorithm.Sha256 => new Sha256Digest(),
            HashAlgorithm.Sha384 => new Sha384Digest(),
            _ => new Sha512Digest(),
        };
        digest.BlockUpdate(data, 0, data.Length);
        var result = new byte[digest.GetDigestSize()];
        digest.DoFinal(result, 0);
        return result;
    }
}
