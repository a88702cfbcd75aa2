namespace Sotto.Crypto.Native;

/// <summary>The check that X25519 and X448 public keys from somebody else must pass before they are used. The libraries do the others themselves.</summary>
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
        if (!IsBelowPrime25519(publicKey))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The X25519 public key is not canonical.");
    }

    /// <summary>The same for X448: refuses 2^448 - 2^224 - 1 and above.</summary>
    /// <exception cref="CryptoException">The length is wrong or the value is not below the prime.</exception>
    public static void RequireCanonicalX448(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Sizes.X448Key)
            throw new CryptoException(CryptoFailure.WrongLength, "An X448 public key has 56 bytes.");
        if (!IsBelowPrime448(publicKey))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The X448 public key is not canonical.");
    }

    private static bool IsBelowPrime25519(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian[31] != 0x7F)
            return littleEndian[31] < 0x7F;
        return littleEndian[1..31].ContainsAnyExcept((byte)0xFF) || littleEndian[0] < 0xED;
    }

    /// <summary>The prime is 28 bytes of ones, then one of ones but for its lowest bit, then 27 of ones.</summary>
    private static bool IsBelowPrime448(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian[29..].ContainsAnyExcept((byte)0xFF))
            return true;
        if (littleEndian[28] != 0xFE)
            return littleEndian[28] < 0xFE;
        return littleEndian[..28].ContainsAnyExcept((byte)0xFF);
    }
}
