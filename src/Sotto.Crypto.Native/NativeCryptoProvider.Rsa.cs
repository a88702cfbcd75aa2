using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    private const int SmallestRsaBits = 2048;
    private const int LargestRsaBits = 4096;

    // A 4096-bit key takes 550 bytes; longer input is refused before it is parsed.
    private const int LargestRsaKeyInfo = 600;

    /// <inheritdoc/>
    public override RsaPrivateKey RsaGenerate(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, SmallestRsaBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, LargestRsaBits);
        return new NativeRsaPrivateKey(RSA.Create(bits));
    }

    /// <inheritdoc/>
    public override byte[] RsaEncryptOaepSha256(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> message)
    {
        using var rsa = ImportRsaPublicKey(subjectPublicKeyInfo);
        Require.AtMost(message, (rsa.KeySize / 8) - 66, nameof(message));
        return rsa.Encrypt(message, RSAEncryptionPadding.OaepSHA256);
    }

    /// <summary>
    /// Reads a key and holds it against its own re-encoding, so that trailing bytes, other encodings of the same key
    /// and keys meant for another algorithm are all refused.
    /// </summary>
    private static RSA ImportRsaPublicKey(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (subjectPublicKeyInfo.Length > LargestRsaKeyInfo)
            throw new CryptoException(CryptoFailure.WrongLength, "The RSA public key is too long.");

        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            RequireUsable(rsa, subjectPublicKeyInfo);
            return rsa;
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The RSA public key does not parse.");
        }
        catch (CryptoException)
        {
            rsa.Dispose();
            throw;
        }
    }

    private static void RequireUsable(RSA rsa, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (rsa.KeySize is < SmallestRsaBits or > LargestRsaBits)
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The RSA public key has a size out of bounds.");
        if (!rsa.ExportParameters(false).Exponent.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[1, 0, 1]))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The RSA public key has another exponent than 65537.");
        if (!rsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The RSA public key is not in its canonical encoding.");
    }
}
