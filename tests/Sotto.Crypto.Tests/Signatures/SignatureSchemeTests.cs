namespace Sotto.Crypto.Tests.Signatures;

public sealed class SignatureSchemeTests
{
    public static TheoryData<SignatureAlgorithm> Algorithms { get; } = new(Enum.GetValues<SignatureAlgorithm>());

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_a_new_key_signs_verifies_under_its_public_key_only(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        using var alice = NewKey(scheme);
        using var bob = NewKey(scheme);
        var signature = alice.Sign("message"u8);

        Assert.True(scheme.Verify(alice.PublicKey, "message"u8, signature));
        Assert.False(scheme.Verify(alice.PublicKey, "massage"u8, signature));
        Assert.False(scheme.Verify(bob.PublicKey, "message"u8, signature));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_key_keeps_its_private_half_and_computes_its_public_one(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Seeded(4), algorithm);
        using var secret = scheme.GeneratePrivateKey();
        using var key = scheme.OpenPrivateKey(secret.Bytes);
        using var again = scheme.OpenPrivateKey(key.PrivateKey);

        Assert.Equal(algorithm, key.Algorithm);
        Assert.Equal(secret.Bytes, key.PrivateKey);
        Assert.Equal(scheme.PublicKeyLength, key.PublicKey.Length);
        Assert.Equal(key.PublicKey, again.PublicKey);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Every_changed_byte_of_a_signature_is_noticed(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        using var key = NewKey(scheme);
        var signature = key.Sign("message"u8);
        for (var i = 0; i < signature.Length; i++)
        {
            signature[i] ^= 0x01;
            Assert.False(scheme.Verify(key.PublicKey, "message"u8, signature));
            signature[i] ^= 0x01;
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_peers_key_or_signature_of_another_length_does_not_verify(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        using var key = NewKey(scheme);
        var publicKey = key.PublicKey.ToArray();
        var signature = key.Sign([]);

        Assert.False(scheme.Verify([], [], signature));
        Assert.False(scheme.Verify(publicKey.AsSpan(1), [], signature));
        Assert.False(scheme.Verify([.. publicKey, 0], [], signature));
        Assert.False(scheme.Verify(publicKey, [], []));
        Assert.False(scheme.Verify(publicKey, [], signature.AsSpan(0, signature.Length - 1)));
        Assert.False(scheme.Verify(publicKey, [], [.. signature, 0]));
        Assert.False(scheme.Verify(publicKey, [], new byte[1000]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_private_key_of_another_length_is_refused(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        using var key = NewKey(scheme);
        var privateKey = key.PrivateKey.ToArray();

        Assert.Throws<ArgumentException>(() => scheme.OpenPrivateKey(privateKey.AsSpan(1)).Dispose());
        Assert.Throws<ArgumentException>(() => scheme.OpenPrivateKey([0, .. privateKey]).Dispose());
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_disposed_key_signs_nothing(SignatureAlgorithm algorithm)
    {
        var key = NewKey(new SignatureScheme(Providers.Native, algorithm));
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Sign([]));
        Assert.Throws<ObjectDisposedException>(() => key.PrivateKey.Length);
    }

    [Theory]
    [InlineData(SignatureAlgorithm.EcdsaP256Sha256)]
    [InlineData(SignatureAlgorithm.EcdsaP384Sha384)]
    [InlineData(SignatureAlgorithm.EcdsaP521Sha512)]
    public void A_private_key_is_drawn_again_until_it_is_a_scalar(SignatureAlgorithm algorithm)
    {
        var draws = 0;
        var provider = new Native.NativeCryptoProvider(destination =>
        {
            destination.Fill(draws++ switch { 0 => 0x00, 1 => 0xFF, _ => 0x2A });
        });
        using var key = new SignatureScheme(provider, algorithm).GeneratePrivateKey();

        Assert.Equal(3, draws);
        Assert.Equal(0x2A, key.Bytes[^1]);
    }

    [Fact]
    public void An_unknown_algorithm_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SignatureScheme(Providers.Native, (SignatureAlgorithm)99));

    private static SigningKey NewKey(SignatureScheme scheme)
    {
        using var secret = scheme.GeneratePrivateKey();
        return scheme.OpenPrivateKey(secret.Bytes);
    }
}
