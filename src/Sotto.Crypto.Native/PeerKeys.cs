namespace Sotto.Crypto.Native;

/// <summary>The checks that public keys and key shares from somebody else must pass before they are used.</summary>
internal static class PeerKeys
{
    private const int MlKemModulus = 3329;
    private const int MlKemVectorBytes = 1152;

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

    /// <summary>
    /// The modulus check of FIPS 203 §7.2: each of the 768 coefficients, 12 bits each, is below q. This compares what
    /// is on the wire and computes nothing; a key that passes re-encodes to itself.
    /// </summary>
    /// <param name="publicKey">At least the 1152 bytes of the encoded vector; what follows is not looked at.</param>
    /// <exception cref="CryptoException">A coefficient is not reduced.</exception>
    public static void RequireReducedMlKem768(ReadOnlySpan<byte> publicKey)
    {
        var vector = publicKey[..MlKemVectorBytes];
        for (var i = 0; i < vector.Length; i += 3)
        {
            var first = vector[i] | ((vector[i + 1] & 0x0F) << 8);
            var second = (vector[i + 1] >> 4) | (vector[i + 2] << 4);
            if (first >= MlKemModulus || second >= MlKemModulus)
                throw new CryptoException(CryptoFailure.UnusablePublicKey, "The ML-KEM public key is not reduced.");
        }
    }

    private static bool IsBelowPrime(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian[31] != 0x7F)
            return littleEndian[31] < 0x7F;
        return littleEndian[1..31].ContainsAnyExcept((byte)0xFF) || littleEndian[0] < 0xED;
    }
}
