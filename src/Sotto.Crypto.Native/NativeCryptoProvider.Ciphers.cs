using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    private const int AesBlock = 16;

    /// <summary>
    /// libsodium's AES-256-GCM, where the processor has the instructions: with a fresh key for each message a third of the
    /// time of the base class library's, which does the rest (docs/decisions/0004).
    /// </summary>
    private static readonly bool SodiumHasAes = Sodium.Aes256GcmIsAvailable() != 0;

    /// <inheritdoc/>
    public override void AesCbcEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireAesKey(key);
        Require.Length(iv, AesBlock, nameof(iv));
        Require.Length(ciphertext, ((plaintext.Length / AesBlock) + 1) * AesBlock, nameof(ciphertext));

        using var aes = Aes.Create();
        aes.SetKey(key);
        aes.EncryptCbc(plaintext, iv, ciphertext);
    }

    /// <inheritdoc/>
    public override bool TryAesCbcDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written)
    {
        RequireAesKey(key);
        Require.Length(iv, AesBlock, nameof(iv));
        Require.AtLeast(plaintext, ciphertext.Length, nameof(plaintext));

        written = 0;
        if (ciphertext.IsEmpty || ciphertext.Length % AesBlock != 0)
            return false;

        try
        {
            using var aes = Aes.Create();
            aes.SetKey(key);
            written = aes.DecryptCbc(ciphertext, iv, plaintext);
            return true;
        }
        catch (CryptographicException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    /// <inheritdoc/>
    public override void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireAeadArguments(algorithm, key, nonce);
        Require.Length(ciphertext, plaintext.Length + Sizes.AeadTag, nameof(ciphertext));

        switch (algorithm)
        {
            case AeadAlgorithm.XChaCha20Poly1305:
                _ = Sodium.XChaCha20Poly1305Seal(
                    ciphertext, 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length, 0, nonce, key);
                break;
            case AeadAlgorithm.ChaCha20Poly1305:
                _ = Sodium.ChaCha20Poly1305Seal(
                    ciphertext, 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length, 0, nonce, key);
                break;
            case AeadAlgorithm.Aes256Gcm when SodiumHasAes:
                _ = Sodium.Aes256GcmSeal(
                    ciphertext, 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length, 0, nonce, key);
                break;
            default:
                using (var gcm = new AesGcm(key, Sizes.AeadTag))
                    gcm.Encrypt(nonce, plaintext, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], associatedData);
                break;
        }
    }

    /// <inheritdoc/>
    public override bool TryAeadOpen(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireAeadArguments(algorithm, key, nonce);
        if (ciphertext.Length < Sizes.AeadTag)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }

        Require.Length(plaintext, ciphertext.Length - Sizes.AeadTag, nameof(plaintext));
        var opened = algorithm switch
        {
            AeadAlgorithm.XChaCha20Poly1305 => OpenXChaCha(key, nonce, associatedData, ciphertext, plaintext),
            AeadAlgorithm.ChaCha20Poly1305 => OpenChaCha(key, nonce, associatedData, ciphertext, plaintext),
            AeadAlgorithm.Aes256Gcm when SodiumHasAes => OpenSodiumGcm(key, nonce, associatedData, ciphertext, plaintext),
            _ => OpenGcm(key, nonce, associatedData, ciphertext, plaintext),
        };
        if (!opened)
            CryptographicOperations.ZeroMemory(plaintext);
        return opened;
    }

    private static bool OpenXChaCha(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Sodium.XChaCha20Poly1305Open(
            plaintext, 0, 0, ciphertext, (ulong)ciphertext.Length, associatedData, (ulong)associatedData.Length, nonce, key) == 0;

    private static bool OpenChaCha(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Sodium.ChaCha20Poly1305Open(
            plaintext, 0, 0, ciphertext, (ulong)ciphertext.Length, associatedData, (ulong)associatedData.Length, nonce, key) == 0;

    private static bool OpenSodiumGcm(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Sodium.Aes256GcmOpen(
            plaintext, 0, 0, ciphertext, (ulong)ciphertext.Length, associatedData, (ulong)associatedData.Length, nonce, key) == 0;

    private static bool OpenGcm(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        try
        {
            using var gcm = new AesGcm(key, Sizes.AeadTag);
            gcm.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static void RequireAesKey(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 24 or 32))
            throw new ArgumentException($"Must be 16, 24 or 32 bytes, is {key.Length}.", nameof(key));
    }

    private static void RequireAeadArguments(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        Require.Length(key, Sizes.AeadKey(algorithm), nameof(key));
        Require.Length(nonce, Sizes.AeadNonce(algorithm), nameof(nonce));
    }
}
