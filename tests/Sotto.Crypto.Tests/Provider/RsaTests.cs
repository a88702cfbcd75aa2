using System.Security.Cryptography;

namespace Sotto.Crypto.Tests.Provider;

/// <summary>2048 bits here, because making keys is slow; direct mode uses 3072.</summary>
public sealed class RsaTests(RsaTests.OneKey fixture) : IClassFixture<RsaTests.OneKey>
{
    private readonly RsaPrivateKey _key = fixture.Key;

    [Fact]
    public void What_is_encrypted_opens_again()
    {
        var message = RandomBytes(32);
        var opened = new byte[32];

        Assert.True(_key.TryDecryptOaepSha256(Encrypt(message), opened));
        Assert.Equal(message, opened);
    }

    [Fact]
    public void It_is_oaep_with_sha256_as_another_reader_of_the_key_understands_it()
    {
        using var other = RSA.Create(2048);
        var message = RandomBytes(32);
        var ciphertext = Providers.Native.RsaEncryptOaepSha256(other.ExportSubjectPublicKeyInfo(), message);

        Assert.Equal(message, other.Decrypt(ciphertext, RSAEncryptionPadding.OaepSHA256));
    }

    [Fact]
    public void Encrypting_twice_gives_two_ciphertexts() =>
        Assert.NotEqual(Encrypt([1, 2, 3]), Encrypt([1, 2, 3]));

    [Fact]
    public void A_tampered_cut_or_longer_ciphertext_does_not_open()
    {
        var ciphertext = Encrypt(RandomBytes(32));
        var message = new byte[32];

        for (var i = 0; i < ciphertext.Length; i += 17)
        {
            ciphertext[i] ^= 1;
            Assert.False(_key.TryDecryptOaepSha256(ciphertext, message));
            ciphertext[i] ^= 1;
        }

        Assert.False(_key.TryDecryptOaepSha256(ciphertext.AsSpan(1), message));
        Assert.False(_key.TryDecryptOaepSha256([.. ciphertext, 0], message));
        Assert.False(_key.TryDecryptOaepSha256([], message));
        Assert.False(_key.TryDecryptOaepSha256([.. Enumerable.Repeat((byte)0xFF, 256)], message));
        Assert.Equal(new byte[32], message);
        Assert.True(_key.TryDecryptOaepSha256(ciphertext, message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_message_of_another_length_than_expected_does_not_open(int length)
    {
        var message = new byte[32];
        Assert.False(_key.TryDecryptOaepSha256(Encrypt(RandomBytes(length)), message));
        Assert.Equal(new byte[32], message);
    }

    [Fact]
    public void Another_key_does_not_open_it()
    {
        using var other = Providers.Native.RsaGenerate(2048);
        Assert.False(other.TryDecryptOaepSha256(Encrypt(RandomBytes(32)), new byte[32]));
    }

    [Fact]
    public void A_key_with_trailing_bytes_is_refused() =>
        AssertRefused([.. _key.SubjectPublicKeyInfo.Span, 0]);

    [Fact]
    public void A_cut_key_is_refused_wherever_it_is_cut()
    {
        for (var length = 0; length < _key.SubjectPublicKeyInfo.Length; length++)
            AssertRefused(_key.SubjectPublicKeyInfo.Span[..length].ToArray());
    }

    [Fact]
    public void Another_encoding_of_the_same_key_is_refused()
    {
        // The outer length 0x82 hh ll written with one byte more than it needs.
        var der = _key.SubjectPublicKeyInfo.ToArray();
        AssertRefused([der[0], 0x83, 0, .. der[2..]]);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2040)]
    [InlineData(4104)]
    public void A_modulus_out_of_bounds_is_refused(int bits)
    {
        // Only its size matters here, so any odd number does for a modulus.
        var modulus = RandomBytes(bits / 8);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        using var other = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = [1, 0, 1] });

        AssertRefused(other.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void Another_exponent_than_65537_is_refused()
    {
        using var ours = RSA.Create();
        ours.ImportSubjectPublicKeyInfo(_key.SubjectPublicKeyInfo.Span, out _);
        var parameters = ours.ExportParameters(false);
        parameters.Exponent = [3];
        using var other = RSA.Create(parameters);

        AssertRefused(other.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void A_key_of_another_algorithm_is_refused()
    {
        using var curve = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        AssertRefused(curve.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void A_message_too_long_for_the_modulus_is_the_callers_mistake()
    {
        Assert.Equal(256, Encrypt(new byte[190]).Length);
        Assert.Throws<ArgumentException>(() => Encrypt(new byte[191]));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(8192)]
    public void Making_a_key_out_of_bounds_is_the_callers_mistake(int bits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Providers.Native.RsaGenerate(bits));

    [Fact]
    public void A_disposed_key_opens_nothing()
    {
        var key = Providers.Native.RsaGenerate(2048);
        key.Dispose();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.TryDecryptOaepSha256(new byte[256], new byte[32]));
    }

    private static void AssertRefused(byte[] subjectPublicKeyInfo)
    {
        var refusal = Assert.Throws<CryptoException>(() => Providers.Native.RsaEncryptOaepSha256(subjectPublicKeyInfo, [1]));
        Assert.True(refusal.Failure is CryptoFailure.UnusablePublicKey or CryptoFailure.WrongLength);
    }

    private byte[] Encrypt(byte[] message) =>
        Providers.Native.RsaEncryptOaepSha256(_key.SubjectPublicKeyInfo.Span, message);

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        Providers.Native.FillRandom(bytes);
        return bytes;
    }

    public sealed class OneKey : IDisposable
    {
        public RsaPrivateKey Key { get; } = Providers.Native.RsaGenerate(2048);

        public void Dispose() => Key.Dispose();
    }
}
