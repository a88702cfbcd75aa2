using System.Security.Cryptography;
using Sotto.Crypto;

namespace Sotto.Direct.Handshake;

/// <summary>
/// The host's commitment to its nonce and identity key, sent before it sees the joiner's:
/// <c>SHA-256("sotto direct 1 commitment" ‖ nonce ‖ identity key)</c>.
/// </summary>
internal static class Commitment
{
    public static byte[] To(ICryptoProvider crypto, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> identityKey)
    {
        var commitment = new byte[32];
        crypto.Hash(Crypto.HashAlgorithm.Sha256, [.. "sotto direct 1 commitment"u8, .. nonce, .. identityKey], commitment);
        return commitment;
    }

    public static bool Opens(ICryptoProvider crypto, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> identityKey)
    {
#if DEFENCES
        if (Defence.NonceCommitment.IsOff())
            return true;
#endif
        return CryptographicOperations.FixedTimeEquals(commitment, To(crypto, nonce, identityKey));
    }
}
