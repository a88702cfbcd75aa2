namespace Sotto.Crypto.Native;

/// <summary>The check that X25519 public keys from somebody else must pass before they are used. libsodium does the others itself.</summary>
internal static class PeerKeys
{
    /// <summary>
    /// Refuses an X25519 u-coordinate that is not the one encoding of its value: 2^255 - 19 and above, the unused top
    /// bit included. RFC 7748 §5 tells receivers to accept and reduce those; no sender of ours makes them, and one
    /// value with two encodings lets a transcript be changed without changing the secret.
    /// </summary>
    /// <exception cref="CryptoException">The length is wrong or the value is not below the prime.</exception>
    public static void RequireCanonicalX25519(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Sizes.X25519Key)
            throw new CryptoException(CryptoFailure.WrongLength, "An X25519 public key has 32 bytes.");
        if (!IsBelowPrime(publicKey))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The X25519 public key is not canonical.");
    }

    private static bool IsBelowPrime(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian[31] != 0x7F)
            return littleEndian[31] < 0x7F;
        return littleEndian[1..31].ContainsAnyExcept((byte)0xFF) || littleEndian[0] < 0xED;
    }
}
