using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Sotto.Crypto;

/// <summary>
/// A private key and the public key that was computed from it, ready to sign. The owner disposes it. Any thread may
/// use it, but nobody while it is disposed.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private readonly ICryptoProvider _provider;
    private readonly Secret _keyPair;

    /// <summary>Takes over the private key followed by its public key.</summary>
    internal SigningKey(ICryptoProvider provider, SignatureAlgorithm algorithm, Secret keyPair)
    {
        _provider = provider;
        _keyPair = keyPair;
        Algorithm = algorithm;
    }

    /// <summary>What it signs with.</summary>
    public SignatureAlgorithm Algorithm { get; }

    /// <summary>The public key, valid until dispose; <see cref="SignatureScheme.PublicKeyLength"/> bytes.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ReadOnlySpan<byte> PublicKey => _keyPair.Bytes[Sizes.SignaturePrivateKey(Algorithm)..];

    /// <summary>The private key as it was given, for storage; valid until dispose.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    public ReadOnlySpan<byte> PrivateKey => _keyPair.Bytes[..Sizes.SignaturePrivateKey(Algorithm)];

    /// <summary>Signs a message of any length.</summary>
    /// <returns>64 bytes for Ed25519, 114 for Ed448, the DER of an ECDSA-Sig-Value (RFC 3279 §2.2.3) for ECDSA.</returns>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var keyPair = _keyPair.Bytes;
        if (Algorithm is not (SignatureAlgorithm.Ed25519 or SignatureAlgorithm.Ed448))
            return SignEcdsa(keyPair, message);

        if (Algorithm == SignatureAlgorithm.Ed25519)
        {
            var signature = new byte[Sizes.Ed25519Signature];
            _provider.Ed25519SignWithKeyPair(keyPair, message, signature);
            return signature;
        }
        else
        {
            var signature = new byte[Sizes.Ed448Signature];
            _provider.Ed448SignWithKeyPair(keyPair, message, signature);
            return signature;
        }
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _keyPair.Dispose();

    private byte[] SignEcdsa(ReadOnlySpan<byte> keyPair, ReadOnlySpan<byte> message)
    {
        var curve = Sizes.Curve(Algorithm);
        Span<byte> signature = stackalloc byte[Sizes.EcdsaLongestSignature(curve)];
        var length = _provider.EcdsaSignWithKeyPair(curve, keyPair, message, signature);
        return signature[..length].ToArray();
    }
}
