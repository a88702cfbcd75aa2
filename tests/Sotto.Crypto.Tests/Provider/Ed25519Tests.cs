using System.Numerics;
using CsCheck;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Sotto.Crypto.Tests.Provider;

public sealed class Ed25519Tests
{
    private static readonly BigInteger GroupOrder = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    [Fact]
    public void Keys_and_signatures_are_those_of_bouncy_castle() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[0, 200]).Sample(
            (seed, message) =>
            {
                var reference = new Ed25519PrivateKeyParameters(seed);
                var signer = new Ed25519Signer();
                signer.Init(true, reference);
                signer.BlockUpdate(message, 0, message.Length);

                var publicKey = PublicKey(seed);
                var signature = Sign(seed, message);
                Assert.Equal(reference.GeneratePublicKey().GetEncoded(), publicKey);
                Assert.Equal(signer.GenerateSignature(), signature);
                Assert.Equal(signature, SignWithKeyPair([.. seed, .. publicKey], message));
                Assert.True(Providers.Native.Ed25519Verify(publicKey, message, signature));
            },
            iter: 100);

    [Fact]
    public void Every_changed_bit_of_a_signature_is_noticed()
    {
        var seed = new byte[32];
        var publicKey = PublicKey(seed);
        var signature = Sign(seed, "message"u8);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Providers.Native.Ed25519Verify(publicKey, "message"u8, signature));
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_second_encoding_of_a_valid_signature_is_refused()
    {
        var seed = new byte[32];
        var signature = Sign(seed, "message"u8);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + GroupOrder;
        Assert.True(s.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true));

        Assert.False(Providers.Native.Ed25519Verify(PublicKey(seed), "message"u8, signature));
    }

    /// <summary>
    /// Under a key of small order one signature fits many messages: with the neutral element as key and as R, S = 0
    /// satisfies the plain equation for every message.
    /// </summary>
    [Fact]
    public void A_key_of_small_order_signs_nothing()
    {
        byte[] neutral = [1, .. new byte[31]];
        byte[] signature = [.. neutral, .. new byte[32]];

        Assert.False(Providers.Native.Ed25519Verify(neutral, "any message"u8, signature));
    }

    [Fact]
    public void A_key_that_is_not_canonical_signs_nothing()
    {
        // y = p + 1 is the neutral element again, y = p + 3 a point of large order; neither is below the prime.
        foreach (var low in new byte[] { 0xEE, 0xF0 })
        {
            byte[] key = [low, .. Enumerable.Repeat((byte)0xFF, 30), 0x7F];
            byte[] signature = [.. key, .. new byte[32]];
            Assert.False(Providers.Native.Ed25519Verify(key, "message"u8, signature));
        }
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(0, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(32, 0)]
    public void A_peers_key_or_signature_of_another_length_does_not_verify(int keyBytes, int signatureBytes) =>
        Assert.False(Providers.Native.Ed25519Verify(new byte[keyBytes], [], new byte[signatureBytes]));

    [Fact]
    public void Ones_own_arguments_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519PublicKey(new byte[31], new byte[32]));
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519PublicKey(new byte[32], new byte[33]));
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519Sign(new byte[64], [], new byte[64]));
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519Sign(new byte[32], [], new byte[63]));
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519SignWithKeyPair(new byte[32], [], new byte[64]));
        Assert.Throws<ArgumentException>(() => Providers.Native.Ed25519SignWithKeyPair(new byte[64], [], new byte[65]));
    }

    private static byte[] PublicKey(byte[] seed)
    {
        var publicKey = new byte[Sizes.Ed25519PublicKey];
        Providers.Native.Ed25519PublicKey(seed, publicKey);
        return publicKey;
    }

    private static byte[] SignWithKeyPair(byte[] keyPair, byte[] message)
    {
        var signature = new byte[Sizes.Ed25519Signature];
        Providers.Native.Ed25519SignWithKeyPair(keyPair, message, signature);
        return signature;
    }

    private static byte[] Sign(byte[] seed, ReadOnlySpan<byte> message)
    {
        var signature = new byte[Sizes.Ed25519Signature];
        Providers.Native.Ed25519Sign(seed, message, signature);
        return signature;
    }
}
