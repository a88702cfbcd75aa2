using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    private static readonly byte[] NoContext = [];

    /// <inheritdoc/>
    public override void Ed448PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Require.Length(seed, Sizes.Ed448Seed, nameof(seed));
        Require.Length(publicKey, Sizes.Ed448PublicKey, nameof(publicKey));
        Ed448.GeneratePublicKey(seed, publicKey);
    }

    /// <inheritdoc/>
    public override void Ed448SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Require.Length(keyPair, Sizes.Ed448Seed + Sizes.Ed448PublicKey, nameof(keyPair));
        Require.Length(signature, Sizes.Ed448Signature, nameof(signature));
        Ed448.Sign(keyPair[..Sizes.Ed448Seed], keyPair[Sizes.Ed448Seed..], NoContext, message, signature);
    }

    /// <inheritdoc/>
    /// <remarks>BouncyCastle itself refuses keys of small order, non-canonical keys, and S not below the group order.</remarks>
    public override bool Ed448Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == Sizes.Ed448PublicKey
        && signature.Length == Sizes.Ed448Signature
        && Ed448.Verify(signature, publicKey, NoContext, message);

    /// <inheritdoc/>
    public override void X448PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Require.Length(privateKey, Sizes.X448Key, nameof(privateKey));
        Require.Length(publicKey, Sizes.X448Key, nameof(publicKey));
        X448.GeneratePublicKey(privateKey, publicKey);
    }

    /// <inheritdoc/>
    public override void X448Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Require.Length(privateKey, Sizes.X448Key, nameof(privateKey));
        Require.Length(sharedSecret, Sizes.X448Key, nameof(sharedSecret));

        PeerKeys.RequireCanonicalX448(publicKey);
        if (X448.CalculateAgreement(privateKey, publicKey, sharedSecret))
            return;

        CryptographicOperations.ZeroMemory(sharedSecret);
        throw new CryptoException(CryptoFailure.ZeroSharedSecret, "The X448 public key is of low order.");
    }
}
