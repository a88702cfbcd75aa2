using CsCheck;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Paddings;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sotto.Crypto.Tests.Provider;

public sealed class AesCbcTests
{
    private static readonly byte[] Iv = [.. Enumerable.Range(100, 16).Select(i => (byte)i)];

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void A_ciphertext_is_the_one_that_bouncy_castle_gives_and_opens_again(int keyBytes) =>
        Gen.Select(Gen.Byte.Array[keyBytes], Gen.Byte.Array[0, 200]).Sample(
            (key, plaintext) =>
            {
                var ciphertext = Encrypt(key, plaintext);
                Assert.Equal(Reference(key, plaintext), ciphertext);

                var opened = new byte[ciphertext.Length];
                Assert.True(Providers.Native.TryAesCbcDecrypt(key, Iv, ciphertext, opened, out var written));
                Assert.Equal(plaintext, opened[..written]);
            },
            iter: 200);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    public void A_ciphertext_that_is_not_whole_blocks_does_not_open(int length)
    {
        Assert.False(Providers.Native.TryAesCbcDecrypt(new byte[16], Iv, new byte[length], new byte[length], out var written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        var provider = Providers.Native;
        Assert.Throws<ArgumentException>(() => provider.AesCbcEncrypt(new byte[15], Iv, [], new byte[16]));
        Assert.Throws<ArgumentException>(() => provider.AesCbcEncrypt(new byte[16], Iv.AsSpan(1), [], new byte[16]));
        Assert.Throws<ArgumentException>(() => provider.AesCbcEncrypt(new byte[16], Iv, new byte[16], new byte[16]));
        Assert.Throws<ArgumentException>(() => provider.AesCbcEncrypt(new byte[16], Iv, new byte[16], new byte[48]));
        Assert.Throws<ArgumentException>(() => provider.TryAesCbcDecrypt(new byte[17], Iv, new byte[16], new byte[16], out _));
        Assert.Throws<ArgumentException>(() => provider.TryAesCbcDecrypt(new byte[16], Iv.AsSpan(1), new byte[16], new byte[16], out _));
        Assert.Throws<ArgumentException>(() => provider.TryAesCbcDecrypt(new byte[16], Iv, new byte[32], new byte[31], out _));
    }

    private static byte[] Encrypt(byte[] key, byte[] plaintext)
    {
        var ciphertext = new byte[((plaintext.Length / 16) + 1) * 16];
        Providers.Native.AesCbcEncrypt(key, Iv, plaintext, ciphertext);
        return ciphertext;
    }

    private static byte[] Reference(byte[] key, byte[] plaintext)
    {
        var cipher = new PaddedBufferedBlockCipher(new CbcBlockCipher(new AesEngine()), new Pkcs7Padding());
        cipher.Init(true, new ParametersWithIV(new KeyParameter(key), Iv));
        return cipher.DoFinal(plaintext);
    }
}
