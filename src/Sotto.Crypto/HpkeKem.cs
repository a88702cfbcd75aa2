namespace Sotto.Crypto;

/// <summary>A key encapsulation mechanism (RFC 9180 §4). Lengths are in bytes; destinations have exactly those.</summary>
internal abstract class HpkeKem
{
    public abstract int PublicKeyLength { get; }

    public abstract int PrivateKeyLength { get; }

    public abstract int EncapsulationLength { get; }

    public abstract int SharedSecretLength { get; }

    /// <summary>The mechanism of a number, with the form of X-Wing's DeriveKeyPair.</summary>
    public static HpkeKem Create(ICryptoProvider provider, KemAlgorithm algorithm, XWingDerivation derivation) => algorithm switch
    {
        KemAlgorithm.DhkemP256 => new DhKem(provider, algorithm, HashAlgorithm.Sha256, new NistGroup(provider, NistCurve.P256)),
        KemAlgorithm.DhkemP384 => new DhKem(provider, algorithm, HashAlgorithm.Sha384, new NistGroup(provider, NistCurve.P384)),
        KemAlgorithm.DhkemP521 => new DhKem(provider, algorithm, HashAlgorithm.Sha512, new NistGroup(provider, NistCurve.P521)),
        KemAlgorithm.DhkemX25519 => new DhKem(provider, algorithm, HashAlgorithm.Sha256, new X25519Group(provider)),
        KemAlgorithm.DhkemX448 => new DhKem(provider, algorithm, HashAlgorithm.Sha512, new X448Group(provider)),
        KemAlgorithm.XWing => new XWingKem(provider, derivation),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The private half of DeriveKeyPair.</summary>
    public abstract void DerivePrivateKey(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey);

    /// <summary>The private half of GenerateKeyPair.</summary>
    public abstract void GeneratePrivateKey(Span<byte> privateKey);

    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    public abstract void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    public abstract void RequirePublicKey(ReadOnlySpan<byte> publicKey);

    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    public abstract void Encapsulate(ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, Span<byte> sharedSecret);

    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    /// <exception cref="CryptoException">The encapsulation has the wrong length or is no key of its group.</exception>
    public abstract void Decapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, Span<byte> sharedSecret);
}
