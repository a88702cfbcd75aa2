using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    /// <inheritdoc/>
    public override void NistPublicKey(NistCurve curve, ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireScalar(curve, privateKey);
        Require.Length(publicKey, Sizes.NistPublicKey(curve), nameof(publicKey));

        using var scalar = new NistPrivateKey(curve, privateKey);
        using var key = ECDiffieHellman.Create(scalar.Parameters);
        NistPoint.Write(key.ExportParameters(false).Q, publicKey);
    }

    /// <inheritdoc/>
    public override void RequireNistPublicKey(NistCurve curve, ReadOnlySpan<byte> publicKey) =>
        NistPoint.ImportForAgreement(curve, publicKey).Dispose();

    /// <inheritdoc/>
    public override void NistAgree(NistCurve curve, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        RequireScalar(curve, privateKey);
        Require.Length(sharedSecret, Sizes.NistScalar(curve), nameof(sharedSecret));

        using var peer = NistPoint.ImportForAgreement(curve, publicKey);
        using var peerKey = peer.PublicKey;
        using var scalar = new NistPrivateKey(curve, privateKey);
        using var key = ECDiffieHellman.Create(scalar.Parameters);
        var coordinate = key.DeriveRawSecretAgreement(peerKey);
        coordinate.CopyTo(sharedSecret);
        CryptographicOperations.ZeroMemory(coordinate);
    }

    /// <inheritdoc/>
    public override int EcdsaSignWithKeyPair(NistCurve curve, ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        var width = Sizes.NistScalar(curve);
        Require.Length(keyPair, width + Sizes.NistPublicKey(curve), nameof(keyPair));
        RequireScalar(curve, keyPair[..width]);
        Require.AtLeast(signature, Sizes.EcdsaLongestSignature(curve), nameof(signature));

        using var scalar = new NistPrivateKey(curve, keyPair[..width], keyPair[width..]);
        using var key = ECDsa.Create(scalar.Parameters);
        if (!key.TrySignData(message, signature, NistPoint.Hash(curve), DSASignatureFormat.Rfc3279DerSequence, out var written))
            throw new CryptographicException("The signature is longer than its curve allows.");
        return written;
    }

    /// <inheritdoc/>
    public override bool EcdsaVerify(NistCurve curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedWidth = stackalloc byte[2 * Sizes.NistScalar(curve)];
        if (!EcdsaSignature.TryReadDer(signature, fixedWidth))
            return false;
        try
        {
            using var key = NistPoint.ImportForVerification(curve, publicKey);
            return key.VerifyData(message, fixedWidth, NistPoint.Hash(curve), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptoException)
        {
            return false;
        }
    }

    private static void RequireScalar(NistCurve curve, ReadOnlySpan<byte> privateKey)
    {
        Require.Length(privateKey, Sizes.NistScalar(curve), nameof(privateKey));
        if (!NistScalar.IsInRange(curve, privateKey))
            throw new ArgumentException("The scalar is zero or not below the order of the curve.", nameof(privateKey));
    }
}
