using System.Runtime.InteropServices;

namespace Sotto.Crypto.Native;

/// <summary>
/// The functions of libsodium 1.0.22 that are in use, under their C names' meaning and argument order. Nothing here
/// checks a length: the callers in this project do. Functions that can fail return 0 for success.
/// </summary>
internal static partial class Sodium
{
    public const int Ed25519ExpandedKey = 64;
    public const int XWingEncapsulationSeed = 64;
    public const int MlKem768Seed = 64;
    public const int MlKem768PublicKey = 1184;
    public const int MlKem768PrivateKey = 2400;
    public const int MlKem768Ciphertext = 1088;
    public const int MlKem768SharedSecret = 32;
    public const int MlKem768EncapsulationSeed = 32;
    public const int Sha3Digest = 32;
    public const int Argon2idSalt = 16;
    public const int Argon2id13 = 2;

    private const string Library = "libsodium";
    private const string RequiredVersion = "1.0.22";

    /// <summary>Prepares the library. Safe to call from several threads and more than once.</summary>
    /// <exception cref="PlatformNotSupportedException">Another version was found, or it cannot start here.</exception>
    public static void Initialise()
    {
        var version = Marshal.PtrToStringUTF8(sodium_version_string());
        if (version != RequiredVersion)
            throw new PlatformNotSupportedException($"libsodium {RequiredVersion} is needed, found {version}.");
        if (sodium_init() < 0)
            throw new PlatformNotSupportedException("libsodium cannot start on this system.");
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial nint sodium_version_string();

    [LibraryImport(Library, EntryPoint = "sodium_mlock")]
    public static partial int LockMemory(nint address, nuint length);

    [LibraryImport(Library, EntryPoint = "sodium_munlock")]
    public static partial int UnlockMemory(nint address, nuint length);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_seed_keypair")]
    public static partial int Ed25519SeedKeyPair(Span<byte> publicKey, Span<byte> expandedKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_detached")]
    public static partial int Ed25519Sign(Span<byte> signature, nint noLength, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> expandedKey);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_verify_detached")]
    public static partial int Ed25519Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    public static partial int X25519Base(Span<byte> publicKey, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int X25519(Span<byte> sharedSecret, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_seed_keypair")]
    public static partial int XWingSeedKeyPair(Span<byte> publicKey, Span<byte> privateKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_enc_deterministic")]
    public static partial int XWingEncapsulate(Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_kem_xwing_dec")]
    public static partial int XWingDecapsulate(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_seed_keypair")]
    public static partial int MlKem768SeedKeyPair(Span<byte> publicKey, Span<byte> privateKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_enc_deterministic")]
    public static partial int MlKem768Encapsulate(Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_dec")]
    public static partial int MlKem768Decapsulate(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_xof_shake256")]
    public static partial int Shake256(Span<byte> output, nuint outputLength, ReadOnlySpan<byte> input, ulong inputLength);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha3256")]
    public static partial int Sha3(Span<byte> digest, ReadOnlySpan<byte> input, ulong inputLength);

    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_encrypt")]
    public static partial int XChaCha20Poly1305Seal(
        Span<byte> ciphertext, nint noLength, ReadOnlySpan<byte> plaintext, ulong plaintextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, nint noSecretNonce, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_decrypt")]
    public static partial int XChaCha20Poly1305Open(
        Span<byte> plaintext, nint noLength, nint noSecretNonce, ReadOnlySpan<byte> ciphertext, ulong ciphertextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_encrypt")]
    public static partial int ChaCha20Poly1305Seal(
        Span<byte> ciphertext, nint noLength, ReadOnlySpan<byte> plaintext, ulong plaintextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, nint noSecretNonce, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_decrypt")]
    public static partial int ChaCha20Poly1305Open(
        Span<byte> plaintext, nint noLength, nint noSecretNonce, ReadOnlySpan<byte> ciphertext, ulong ciphertextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_is_available")]
    public static partial int Aes256GcmIsAvailable();

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_encrypt")]
    public static partial int Aes256GcmSeal(
        Span<byte> ciphertext, nint noLength, ReadOnlySpan<byte> plaintext, ulong plaintextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, nint noSecretNonce, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_decrypt")]
    public static partial int Aes256GcmOpen(
        Span<byte> plaintext, nint noLength, nint noSecretNonce, ReadOnlySpan<byte> ciphertext, ulong ciphertextLength,
        ReadOnlySpan<byte> associatedData, ulong associatedDataLength, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_argon2id")]
    public static partial int Argon2id(
        Span<byte> output, ulong outputLength, ReadOnlySpan<byte> passphrase, ulong passphraseLength,
        ReadOnlySpan<byte> salt, ulong passes, nuint memoryBytes, int algorithm);
}
