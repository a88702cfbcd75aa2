namespace Sotto.Mls.Tests;

/// <summary>Passes everything on to another provider; who watches something overrides that.</summary>
internal abstract class PassingProvider(ICryptoProvider inner) : ICryptoProvider
{
    public void FillRandom(Span<byte> destination) => inner.FillRandom(destination);

    public virtual void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => inner.Hash(algorithm, data, digest);

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac) => inner.Hmac(algorithm, key, data, mac);

    public void HkdfExtract(HashAlgorithm algorithm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> pseudorandomKey) =>
        inner.HkdfExtract(algorithm, salt, inputKeyMaterial, pseudorandomKey);

    public void HkdfExpand(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output) =>
        inner.HkdfExpand(algorithm, pseudorandomKey, info, output);

    public HkdfKey OpenHkdf(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey) => inner.OpenHkdf(algorithm, pseudorandomKey);

    public void AesCbcEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) => inner.AesCbcEncrypt(key, iv, plaintext, ciphertext);

    public bool TryAesCbcDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written) =>
        inner.TryAesCbcDecrypt(key, iv, ciphertext, plaintext, out written);

    public virtual void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        inner.AeadSeal(algorithm, key, nonce, associatedData, plaintext, ciphertext);

    public bool TryAeadOpen(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        inner.TryAeadOpen(algorithm, key, nonce, associatedData, ciphertext, plaintext);

    public void Ed25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey) => inner.Ed25519PublicKey(seed, publicKey);

    public void Ed25519Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature) => inner.Ed25519Sign(seed, message, signature);

    public void Ed25519SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) => inner.Ed25519SignWithKeyPair(keyPair, message, signature);

    public virtual bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => inner.Ed25519Verify(publicKey, message, signature);

    public void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => inner.X25519PublicKey(privateKey, publicKey);

    public virtual void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) => inner.X25519Agree(privateKey, publicKey, sharedSecret);

    public void Ed448PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey) => inner.Ed448PublicKey(seed, publicKey);

    public void Ed448SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) => inner.Ed448SignWithKeyPair(keyPair, message, signature);

    public bool Ed448Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => inner.Ed448Verify(publicKey, message, signature);

    public void X448PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => inner.X448PublicKey(privateKey, publicKey);

    public void X448Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) => inner.X448Agree(privateKey, publicKey, sharedSecret);

    public void NistPublicKey(NistCurve curve, ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => inner.NistPublicKey(curve, privateKey, publicKey);

    public void RequireNistPublicKey(NistCurve curve, ReadOnlySpan<byte> publicKey) => inner.RequireNistPublicKey(curve, publicKey);

    public void NistAgree(NistCurve curve, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) =>
        inner.NistAgree(curve, privateKey, publicKey, sharedSecret);

    public int EcdsaSignWithKeyPair(NistCurve curve, ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature) =>
        inner.EcdsaSignWithKeyPair(curve, keyPair, message, signature);

    public bool EcdsaVerify(NistCurve curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        inner.EcdsaVerify(curve, publicKey, message, signature);

    public void XWingPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => inner.XWingPublicKey(privateKey, publicKey);

    public void XWingDerivePrivateKey(XWingDerivation form, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey) => inner.XWingDerivePrivateKey(form, inputKeyMaterial, privateKey);

    public void XWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret) => inner.XWingEncapsulate(publicKey, ciphertext, sharedSecret);

    public void XWingDecapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret) => inner.XWingDecapsulate(privateKey, ciphertext, sharedSecret);

    public void Argon2id(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> output) => inner.Argon2id(passphrase, salt, cost, output);

    public RsaPrivateKey RsaGenerate(int bits) => inner.RsaGenerate(bits);

    public byte[] RsaEncryptOaepSha256(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> message) => inner.RsaEncryptOaepSha256(subjectPublicKeyInfo, message);
}
