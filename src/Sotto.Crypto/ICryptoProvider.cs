namespace Sotto.Crypto;

/// <summary>
/// The primitives that everything else is built from. Synchronous, spans in and spans out, no key objects, so that a
/// provider for another platform (the browser) can be added without touching a caller. One instance serves all threads.
/// </summary>
/// <remarks>
/// A destination of the wrong size is the caller's mistake and an <see cref="ArgumentException"/>; bytes that came from
/// somebody else and are not a key, a point or a ciphertext are a <see cref="CryptoException"/> with its reason. What an
/// opening method writes before it fails is zeroed again.
/// </remarks>
public interface ICryptoProvider
{
    /// <summary>Fills the destination with random bytes fit for keys.</summary>
    void FillRandom(Span<byte> destination);

    /// <summary>SHA-2 (FIPS 180-4) of the data. The digest is exactly <see cref="Sizes.Digest"/> bytes.</summary>
    void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest);

    /// <summary>HMAC (RFC 2104) of the data under a key of any length.</summary>
    void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac);

    /// <summary>HKDF-Extract (RFC 5869 §2.2). The pseudorandom key is exactly one digest long.</summary>
    void HkdfExtract(HashAlgorithm algorithm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> pseudorandomKey);

    /// <summary>HKDF-Expand (RFC 5869 §2.3) to the length of the destination, at most 255 digests.</summary>
    void HkdfExpand(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output);

    /// <summary>HKDF-Expand (RFC 5869 §2.3) several times under one pseudorandom key, whose preparation is then shared.</summary>
    /// <returns>The key made ready, which the caller disposes.</returns>
    HkdfKey OpenHkdf(HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey);

    /// <summary>
    /// AES-CBC with PKCS #7 padding (NIST SP 800-38A, RFC 5652 §6.3), for Fernet tokens only: it protects no integrity.
    /// </summary>
    /// <param name="key">16, 24 or 32 bytes.</param>
    /// <param name="iv">16 bytes, never used twice under a key and not predictable.</param>
    /// <param name="plaintext">Any length.</param>
    /// <param name="ciphertext">Exactly <c>(plaintext.Length / 16 + 1) * 16</c> bytes.</param>
    void AesCbcEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>
    /// Reverses <see cref="AesCbcEncrypt"/>. Call it only on bytes whose authenticity was checked.
    /// </summary>
    /// <param name="key">16, 24 or 32 bytes.</param>
    /// <param name="iv">16 bytes.</param>
    /// <param name="ciphertext">A positive multiple of 16 bytes.</param>
    /// <param name="plaintext">At least <c>ciphertext.Length</c> bytes.</param>
    /// <param name="written">The length of the plaintext, 0 on failure.</param>
    /// <returns>False when the padding or the length is wrong.</returns>
    bool TryAesCbcDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written);

    /// <summary>Encrypts and authenticates. The ciphertext is the plaintext's length plus <see cref="Sizes.AeadTag"/>.</summary>
    void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>Reverses <see cref="AeadSeal"/>; the plaintext is exactly the ciphertext's length less <see cref="Sizes.AeadTag"/>.</summary>
    /// <returns>False when the ciphertext is shorter than a tag or does not open; the destination is then zero.</returns>
    bool TryAeadOpen(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <summary>The Ed25519 public key (RFC 8032 §5.1.5) of a 32-byte seed.</summary>
    void Ed25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <summary>An Ed25519 signature (RFC 8032 §5.1.6), 64 bytes, under a 32-byte seed.</summary>
    void Ed25519Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>
    /// An Ed25519 signature under a seed followed by its own public key, 64 bytes: one scalar multiplication less than
    /// <see cref="Ed25519Sign"/>. The public key must be the one that <see cref="Ed25519PublicKey"/> gives for this
    /// seed: two signatures under different public keys give the seed away. <see cref="SigningKey"/> sees to that.
    /// </summary>
    void Ed25519SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Checks an Ed25519 signature strictly: canonical encodings only, no small-order key.</summary>
    /// <returns>False for every wrong signature, wrong length and unusable key.</returns>
    bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>The X25519 public key (RFC 7748 §6.1) of a 32-byte private key.</summary>
    void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>The X25519 shared secret, 32 bytes.</summary>
    /// <exception cref="CryptoException">The public key is not canonical or of low order, or the secret is all zero.</exception>
    void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <summary>The Ed448 public key (RFC 8032 §5.2.5), 57 bytes, of a 57-byte seed.</summary>
    void Ed448PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <summary>
    /// An Ed448 signature (RFC 8032 §5.2.6) with an empty context, 114 bytes, under a seed followed by its own public
    /// key, for which the warning of <see cref="Ed25519SignWithKeyPair"/> holds.
    /// </summary>
    void Ed448SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Checks an Ed448 signature (RFC 8032 §5.2.7) with an empty context strictly.</summary>
    /// <returns>False for every wrong signature, wrong length and unusable key.</returns>
    bool Ed448Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>The X448 public key (RFC 7748 §6.2), 56 bytes, of a 56-byte private key.</summary>
    void X448PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>The X448 shared secret, 56 bytes.</summary>
    /// <exception cref="CryptoException">The public key is not canonical or of low order, or the secret is all zero.</exception>
    void X448Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <summary>The public key of a NIST curve, an uncompressed point, of a scalar (<see cref="NistCurve"/>).</summary>
    /// <exception cref="ArgumentException">The scalar has the wrong length, is zero or is not below the order.</exception>
    void NistPublicKey(NistCurve curve, ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>Refuses what is not a public key of the curve: an uncompressed point on it (NIST SP 800-56A §5.6.2.3.3).</summary>
    /// <exception cref="CryptoException">The length is wrong, the form another, or the point not on the curve.</exception>
    void RequireNistPublicKey(NistCurve curve, ReadOnlySpan<byte> publicKey);

    /// <summary>The Diffie-Hellman secret of a NIST curve: the x-coordinate of the shared point (NIST SP 800-56A §5.7.1.2).</summary>
    /// <exception cref="ArgumentException">The scalar has the wrong length, is zero or is not below the order.</exception>
    /// <exception cref="CryptoException">The public key is not an uncompressed point on the curve.</exception>
    void NistAgree(NistCurve curve, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret);

    /// <summary>
    /// An ECDSA signature (FIPS 186-5 §6.4) over SHA-256 on P-256, SHA-384 on P-384 and SHA-512 on P-521, as the DER of
    /// an ECDSA-Sig-Value (RFC 3279 §2.2.3), under a scalar followed by its own public key.
    /// </summary>
    /// <param name="curve">The curve.</param>
    /// <param name="keyPair">The scalar and the uncompressed point that <see cref="NistPublicKey"/> gives for it.</param>
    /// <param name="message">Any length; it is hashed here.</param>
    /// <param name="signature">At least <see cref="Sizes.EcdsaLongestSignature"/> bytes.</param>
    /// <returns>The length of the signature.</returns>
    int EcdsaSignWithKeyPair(NistCurve curve, ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Checks what <see cref="EcdsaSignWithKeyPair"/> makes. Of the encodings of a signature, only DER passes.</summary>
    /// <returns>False for every wrong signature, encoding, length and unusable key.</returns>
    bool EcdsaVerify(NistCurve curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>The X-Wing encapsulation key (draft-connolly-cfrg-xwing-kem §5.2), 1216 bytes, of a 32-byte decapsulation key.</summary>
    void XWingPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>
    /// Derives a 32-byte X-Wing decapsulation key. Two forms are published under one KEM id and give different keys, so
    /// the form is always said.
    /// </summary>
    void XWingDerivePrivateKey(XWingDerivation form, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey);

    /// <summary>X-Wing encapsulation: a 1120-byte ciphertext and a 32-byte shared secret.</summary>
    /// <exception cref="CryptoException">The key fails the check of FIPS 203 §7.2, or its X25519 part is unusable.</exception>
    void XWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret);

    /// <summary>X-Wing decapsulation under a 32-byte decapsulation key.</summary>
    /// <exception cref="CryptoException">The ciphertext has the wrong length or its X25519 part is unusable.</exception>
    void XWingDecapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret);

    /// <summary>Argon2id (RFC 9106), one lane.</summary>
    /// <param name="passphrase">Any length.</param>
    /// <param name="salt">16 bytes.</param>
    /// <param name="cost">Passes and memory.</param>
    /// <param name="output">At least 16 bytes.</param>
    void Argon2id(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> output);

    /// <summary>Makes an RSA key. 3072 bits take a noticeable part of a second: make it in the background.</summary>
    /// <returns>A key that the caller disposes.</returns>
    RsaPrivateKey RsaGenerate(int bits);

    /// <summary>RSA-OAEP with SHA-256 (RFC 8017 §7.1) under a SubjectPublicKeyInfo (RFC 5280 §4.1) of 2048 to 4096 bits.</summary>
    /// <returns>The ciphertext, as long as the modulus.</returns>
    /// <exception cref="CryptoException">The key does not parse, has trailing bytes or a size or exponent out of bounds.</exception>
    byte[] RsaEncryptOaepSha256(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> message);
}
