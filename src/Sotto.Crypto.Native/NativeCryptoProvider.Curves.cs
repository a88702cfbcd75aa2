using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    /// <inheritdoc/>
    public override void Ed25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Require.Length(seed, Sizes.Ed25519Seed, nameof(seed));
        Require.Length(publicKey, Sizes.Ed25519PublicKey, nameof(publicKey));

        Span<byte> expanded = stackalloc byte[Sodium.Ed25519ExpandedKey];
        _ = Sodium.Ed25519SeedKeyPair(publicKey, expanded, seed);
        CryptographicOperations.ZeroMemory(expanded);
    }

    /// <inheritdoc/>
    public override void Ed25519Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Require.Length(seed, Sizes.Ed25519Seed, nameof(seed));
        Require.Length(signature, Sizes.Ed25519Signature, nameof(signature));

        Span<byte> publicKey = stackalloc byte[Sizes.Ed25519PublicKey];
        Span<byte> expanded = stackalloc byte[Sodium.Ed25519ExpandedKey];
        _ = Sodium.Ed25519SeedKeyPair(publicKey, expanded, seed);
        _ = Sodium.Ed25519Sign(signature, 0, message, (ulong)message.Length, expanded);
        CryptographicOperations.ZeroMemory(expanded);
    }

    /// <inheritdoc/>
    public override void Ed25519SignWithKeyPair(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Require.Length(keyPair, Sodium.Ed25519ExpandedKey, nameof(keyPair));
        Require.Length(signature, Sizes.Ed25519Signature, nameof(signature));
        _ = Sodium.Ed25519Sign(signature, 0, message, (ulong)message.Length, keyPair);
    }

    /// <inheritdoc/>
    /// <remarks>libsodium itself refuses keys and R of small order, non-canonical keys, and S not below the group order.</remarks>
    public override bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == Sizes.Ed25519PublicKey
        && signature.Length == Sizes.Ed25519Signature
        && Sodium.Ed25519Verify(signature, message, (ulong)message.Length, publicKey) == 0;

    /// <inheritdoc/>
    public override void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Require.Length(privateKey, Sizes.X25519Key, nameof(privateKey));
        Require.Length(publicKey, Sizes.X25519Key, nameof(publicKey));
        _ = Sodium.X25519Base(publicKey, privateKey);
    }

    /// <inheritdoc/>
    public override void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Require.Length(privateKey, Sizes.X25519Key, nameof(privateKey));
        Require.Length(sharedSecret, Sizes.X25519Key, nameof(sharedSecret));

        PeerKeys.RequireCanonicalX25519(publicKey);
        if (Sodium.X25519(sharedSecret, privateKey, publicKey) == 0)
            return;

        CryptographicOperations.ZeroMemory(sharedSecret);
        throw new CryptoException(CryptoFailure.ZeroSharedSecret, "The X25519 public key is of low order.");
    }
}
