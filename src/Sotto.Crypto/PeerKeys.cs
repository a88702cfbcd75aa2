namespace Sotto.Crypto;

/// <summary>What X25519 and X448 public keys from somebody else must be, so far as it shows in their bytes.</summary>
internal static class PeerKeys
{
    /// <summary>0, 1, the two of order 8, and -1, which has order 4.</summary>
    internal static readonly byte[][] LowOrder25519 =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

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

    /// <summary>
    /// Refuses the u-coordinates of low order as well, with which every agreement gives zero: of the twelve that are
    /// published (Bernstein, "Curve25519: new Diffie-Hellman speed records" and its FAQ) the five that are canonical.
    /// </summary>
    /// <exception cref="CryptoException">The length is wrong, the value is not below the prime, or of low order.</exception>
    public static void RequireUsableX25519(ReadOnlySpan<byte> publicKey)
    {
        RequireCanonicalX25519(publicKey);
        foreach (var low in LowOrder25519)
        {
            if (publicKey.SequenceEqual(low))
                throw new CryptoException(CryptoFailure.ZeroSharedSecret, "The X25519 public key is of low order.");
        }
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
