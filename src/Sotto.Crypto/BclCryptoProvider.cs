using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>
/// What the base class library does in the same way on every platform, the browser included: SHA-2, HMAC, HKDF and
/// random bytes. A provider for one platform adds the rest.
/// </summary>
/// <param name="random">Where random bytes come from.</param>
public abstract class BclCryptoProvider(RandomSource random) : ICryptoProvider
{
    /// <summary>The operating system's generator.</summary>
    public static RandomSource SystemRandom { get; } = RandomNumberGenerator.Fill;

    /// <inheritdoc/>
    public void FillRandom(Span<byte> destination) => random(destination);

    /// <inheritdoc/>
    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Require.Length(digest, Sizes.Digest(algorithm), nameof(digest));
        _ = algorithm switch
        {
            HashAlgorithm.Sha256 => SHA256.HashData(data, digest),
            HashAlgorithm.Sha384 => SHA384.HashData(data, digest),
            _ => SHA512.HashData(data, digest),
        };
    }

    /// <inheritdoc/>
    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Require.Length(mac, Sizes.Digest(algorithm), nameof(mac));
        _ = algorithm switch
        {
            HashAlgorithm.Sha256 => HMACSHA256.HashData(key, data, mac),
            HashAlgorithm.Sha384 => HMACSHA384.HashData(key, data, mac),
            _ => HMACSHA512.HashData(key, data, mac),
        };
    }

    /// <inheritdoc/>
    /// <remarks>One HMAC, which <see cref="HKDF"/> takes a quarter longer for.</remarks>
    public void HkdfExtract(HashAlgorithm algorithm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> pseudorandomKey)
    {
        Require.Length(pseudorandomKey, Sizes.Digest(algorithm), nameof(pseudorandomKey));
        Hmac(algorithm, salt, inputKeyMaterial, pseudorandomKey);
    }

    /// <inheritdoc/>
    public void HkdfExpand(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        var digest = Sizes.Digest(algorithm);
        Require.AtLeast(pseudorandomKey, digest, nameof(pseudorandomKey));
        Require.AtMost(output, 255 * digest, nameof(output));
        HKDF.Expand(Name(algorithm), pseudorandomKey, output, info);
    }

    /// <inheritdoc/>
    public HkdfKey OpenHkdf(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey)
    {
        Require.AtLeast(pseudorandomKey, Sizes.Digest(algorithm), nameof(pseudorandomKey));
        return new BclHkdfKey(Name(algorithm), Sizes.Digest(algorithm), pseudorandomKey);
    }

    /// <inheritdoc/>
    public abstract void AesCbcEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <inheritdoc/>
    public abstract bool TryAesCbcDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written);

    /// <inheritdoc/>
    public abstract void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <inheritdoc/>
    public abstract bool TryAeadOpen(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <inheritdoc/>
    public abstract void Ed25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void Ed25519Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <inheritdoc/>
    public abstract void Ed25519SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <inheritdoc/>
    public abstract bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <inheritdoc/>
    public abstract void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <inheritdoc/>
    public abstract void Ed448PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void Ed448SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <inheritdoc/>
    public abstract bool Ed448Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <inheritdoc/>
    public abstract void X448PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void X448Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <inheritdoc/>
    public abstract void NistPublicKey(NistCurve curve, ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void RequireNistPublicKey(NistCurve curve, ReadOnlySpan<byte> publicKey);

    /// <inheritdoc/>
    public abstract void NistAgree(NistCurve curve, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <inheritdoc/>
    public abstract int EcdsaSignWithKeyPair(NistCurve curve, ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <inheritdoc/>
    public abstract bool EcdsaVerify(NistCurve curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <inheritdoc/>
    public abstract void XWingPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <inheritdoc/>
    public abstract void XWingDerivePrivateKey(XWingDerivation form, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey);

    /// <inheritdoc/>
    public abstract void XWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret);

    /// <inheritdoc/>
    public abstract void XWingDecapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret);

    /// <inheritdoc/>
    public abstract void Argon2id(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> output);

    /// <inheritdoc/>
    public abstract RsaPrivateKey RsaGenerate(int bits);

    /// <inheritdoc/>
    public abstract byte[] RsaEncryptOaepSha256(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> message);

    private static HashAlgorithmName Name(HashAlgorithm algorithm) => algorithm switch
    {
        HashAlgorithm.Sha256 => HashAlgorithmName.SHA256,
        HashAlgorithm.Sha384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };
}
