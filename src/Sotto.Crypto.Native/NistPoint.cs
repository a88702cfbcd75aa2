using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

/// <summary>Public keys of the NIST curves as the base class library takes them.</summary>
internal static class NistPoint
{
    private const byte Uncompressed = 0x04;

    /// <summary>The named curve.</summary>
    public static ECCurve Curve(NistCurve curve) => curve switch
    {
        NistCurve.P256 => ECCurve.NamedCurves.nistP256,
        NistCurve.P384 => ECCurve.NamedCurves.nistP384,
        _ => ECCurve.NamedCurves.nistP521,
    };

    /// <summary>The hash that ECDSA uses on the curve (RFC 8446 §4.2.3).</summary>
    public static HashAlgorithmName Hash(NistCurve curve) => curve switch
    {
        NistCurve.P256 => HashAlgorithmName.SHA256,
        NistCurve.P384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>A peer's key for a key agreement, to be disposed.</summary>
    /// <exception cref="CryptoException">It is not an uncompressed point on the curve.</exception>
    public static ECDiffieHellman ImportForAgreement(NistCurve curve, ReadOnlySpan<byte> publicKey) =>
        Import(curve, publicKey, ECDiffieHellman.Create);

    /// <summary>A peer's key for checking signatures, to be disposed.</summary>
    /// <exception cref="CryptoException">It is not an uncompressed point on the curve.</exception>
    public static ECDsa ImportForVerification(NistCurve curve, ReadOnlySpan<byte> publicKey) =>
        Import(curve, publicKey, ECDsa.Create);

    /// <summary>The coordinates of an uncompressed point, whose length was checked.</summary>
    public static ECPoint Read(ReadOnlySpan<byte> point)
    {
        var width = point.Length / 2;
        return new ECPoint { X = point.Slice(1, width).ToArray(), Y = point[(1 + width)..].ToArray() };
    }

    /// <summary>An uncompressed point into a destination of its exact length.</summary>
    public static void Write(ECPoint point, Span<byte> destination)
    {
        destination[0] = Uncompressed;
        point.X.CopyTo(destination[1..]);
        point.Y.CopyTo(destination[(1 + point.X!.Length)..]);
    }

    private static T Import<T>(NistCurve curve, ReadOnlySpan<byte> publicKey, Func<ECParameters, T> import)
    {
        if (publicKey.Length != Sizes.NistPublicKey(curve))
            throw new CryptoException(CryptoFailure.WrongLength, $"A public key of {curve} has {Sizes.NistPublicKey(curve)} bytes.");
        if (publicKey[0] != Uncompressed)
            throw new CryptoException(CryptoFailure.UnusablePublicKey, $"A public key of {curve} is an uncompressed point.");
        try
        {
            return import(new ECParameters { Curve = Curve(curve), Q = Read(publicKey) });
        }
        catch (CryptographicException)
        {
            throw new CryptoException(CryptoFailure.UnusablePublicKey, $"The public key is not on {curve}.");
        }
    }
}
