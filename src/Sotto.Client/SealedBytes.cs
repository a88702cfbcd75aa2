using System.Security.Cryptography;
using Sotto.Crypto;

namespace Sotto.Client;

/// <summary>XChaCha20-Poly1305 with a random 24-byte nonce in front: every AEAD outside of MLS.</summary>
internal static class SealedBytes
{
    private const AeadAlgorithm Cipher = AeadAlgorithm.XChaCha20Poly1305;

    /// <summary>How much longer the sealed bytes are.</summary>
    public const int Overhead = NonceLength + Sizes.AeadTag;

    private const int NonceLength = 24;

    public static byte[] Seal(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        var output = new byte[NonceLength + plaintext.Length + Sizes.AeadTag];
        crypto.FillRandom(output.AsSpan(0, NonceLength));
        crypto.AeadSeal(Cipher, key, output.AsSpan(0, NonceLength), associatedData, plaintext, output.AsSpan(NonceLength));
        return output;
    }

    /// <summary>Null when they do not open.</summary>
    public static byte[]? Open(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < Overhead)
            return null;
        var plaintext = new byte[sealedBytes.Length - Overhead];
        if (crypto.TryAeadOpen(Cipher, key, sealedBytes[..NonceLength], associatedData, sealedBytes[NonceLength..], plaintext))
            return plaintext;
        CryptographicOperations.ZeroMemory(plaintext);
        return null;
    }
}
