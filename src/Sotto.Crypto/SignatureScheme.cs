namespace Sotto.Crypto;

/// <summary>One signature algorithm over a provider. One instance serves all threads.</summary>
/// <param name="provider">What computes; not disposed.</param>
/// <param name="algorithm">The algorithm.</param>
/// <exception cref="ArgumentOutOfRangeException">The algorithm is not one of the enumeration.</exception>
public sealed class SignatureScheme(ICryptoProvider provider, SignatureAlgorithm algorithm)
{
    private readonly int _privateKeyLength = Sizes.SignaturePrivateKey(algorithm);

    /// <summary>The algorithm.</summary>
    public SignatureAlgorithm Algorithm { get; } = algorithm;

    /// <summary>Length in bytes of a public key: 32 for Ed25519, 57 for Ed448, an uncompressed point for ECDSA.</summary>
    public int PublicKeyLength { get; } = Sizes.SignaturePublicKey(algorithm);

    /// <summary>
    /// A new private key: a 32-byte seed for Ed25519 and one of 57 bytes for Ed448 (RFC 8032 §5.1.5, §5.2.5), a
    /// big-endian scalar of 32, 48 or 66 bytes for ECDSA (FIPS 186-5 §A.2.2).
    /// </summary>
    /// <returns>A secret that the caller disposes.</returns>
    public Secret GeneratePrivateKey()
    {
        var key = Secret.Create(_privateKeyLength, out var bytes);
        do
        {
            provider.FillRandom(bytes);
        }
        while (!FitsCurve(bytes));
        return key;
    }

    /// <summary>
    /// Makes a private key ready to sign. Its public key is computed here, once, and never taken from anybody: with a
    /// wrong one, an EdDSA signature gives the private key away.
    /// </summary>
    /// <param name="privateKey">A key as <see cref="GeneratePrivateKey"/> makes it; it is copied.</param>
    /// <returns>A key that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The key has the wrong length, or is no scalar of its curve.</exception>
    public SigningKey OpenPrivateKey(ReadOnlySpan<byte> privateKey)
    {
        Require.Length(privateKey, _privateKeyLength, nameof(privateKey));
        var keyPair = Secret.Create(_privateKeyLength + PublicKeyLength, out var bytes);
        try
        {
            privateKey.CopyTo(bytes);
            ComputePublicKey(privateKey, bytes[_privateKeyLength..]);
            return new SigningKey(provider, Algorithm, keyPair);
        }
        catch
        {
            keyPair.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Checks a signature strictly. EdDSA takes canonical encodings only; ECDSA takes the DER of an ECDSA-Sig-Value
    /// and no other encoding of it (RFC 9420 §5.1.1, RFC 8446 §4.2.3).
    /// </summary>
    /// <returns>False for every wrong key, signature and length.</returns>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Algorithm switch
    {
        SignatureAlgorithm.Ed25519 => provider.Ed25519Verify(publicKey, message, signature),
        SignatureAlgorithm.Ed448 => provider.Ed448Verify(publicKey, message, signature),
        _ => provider.EcdsaVerify(Sizes.Curve(Algorithm), publicKey, message, signature),
    };

    private void ComputePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        switch (Algorithm)
        {
            case SignatureAlgorithm.Ed25519:
                provider.Ed25519PublicKey(privateKey, publicKey);
                break;
            case SignatureAlgorithm.Ed448:
                provider.Ed448PublicKey(privateKey, publicKey);
                break;
            default:
                provider.NistPublicKey(Sizes.Curve(Algorithm), privateKey, publicKey);
                break;
        }
    }

    /// <summary>Cuts random bytes to the width of a scalar and says whether they are one. EdDSA takes all.</summary>
    private bool FitsCurve(Span<byte> privateKey)
    {
        if (Algorithm is SignatureAlgorithm.Ed25519 or SignatureAlgorithm.Ed448)
            return true;
        var curve = Sizes.Curve(Algorithm);
        privateKey[0] &= NistScalar.LeadingBits(curve);
        return NistScalar.IsInRange(curve, privateKey);
    }
}
