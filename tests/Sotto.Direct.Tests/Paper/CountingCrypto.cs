using Sotto.Crypto;

namespace Sotto.Direct.Tests.Paper;

/// <summary>Counts the bytes that are authenticated. Only what Fernet needs is passed on.</summary>
internal sealed class CountingCrypto(ICryptoProvider inner) : ICryptoProvider
{
    public long MacBytes { get; private set; }

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        MacBytes += data.Length;
        inner.Hmac(algorithm, key, data, mac);
    }

    public void FillRandom(Span<byte> destination) => inner.FillRandom(destination);

    public void AesCbcEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        inner.AesCbcEncrypt(key, iv, plaintext, ciphertext);

    public bool TryAesCbcDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written) =>
        inner.TryAesCbcDecrypt(key, iv, ciphertext, plaintext, out written);

    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => throw new NotSupportedException();

    public void HkdfExtract(HashAlgorithm algorithm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> pseudorandomKey) => throw new NotSupportedException();

    public void HkdfExpand(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output) => throw new NotSupportedException();

    public HkdfKey OpenHkdf(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey) => throw new NotSupportedException();

    public void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) => throw new NotSupportedException();

    public bool TryAeadOpen(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) => throw new NotSupportedException();

    public void Ed25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey) => throw new NotSupportedException();

    public void Ed25519Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature) => throw new NotSupportedException();

    public bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => throw new NotSupportedException();

    public void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => throw new NotSupportedException();

    public void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) => throw new NotSupportedException();

    public void Ed25519SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) => throw new NotSupportedException();

    public void Ed448PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey) => throw new NotSupportedException();

    public void Ed448SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) => throw new NotSupportedException();

    public bool Ed448Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => throw new NotSupportedException();

    public void X448PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => throw new NotSupportedException();

    public void X448Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) => throw new NotSupportedException();

    public void NistPublicKey(NistCurve curve, ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => throw new NotSupportedException();

    public void RequireNistPublicKey(NistCurve curve, ReadOnlySpan<byte> publicKey) => throw new NotSupportedException();

    public void NistAgree(NistCurve curve, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) => throw new NotSupportedException();

    public int EcdsaSignWithKeyPair(NistCurve curve, ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) => throw new NotSupportedException();

    public bool EcdsaVerify(NistCurve curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => throw new NotSupportedException();

    public void XWingPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => throw new NotSupportedException();

    public void XWingDerivePrivateKey(XWingDerivation form, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey) => throw new NotSupportedException();

    public void XWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret) => throw new NotSupportedException();

    public void XWingDecapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret) => throw new NotSupportedException();

    public void Argon2id(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> output) => throw new NotSupportedException();

    public RsaPrivateKey RsaGenerate(int bits) => throw new NotSupportedException();

    public byte[] RsaEncryptOaepSha256(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> message) => throw new NotSupportedException();
}
