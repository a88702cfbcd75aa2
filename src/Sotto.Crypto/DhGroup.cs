namespace Sotto.Crypto;

/// <summary>A Diffie-Hellman group as DHKEM uses it (RFC 9180 §4.1, §7.1). Lengths are in bytes.</summary>
internal abstract class DhGroup
{
    public abstract int PublicKeyLength { get; }

    public abstract int PrivateKeyLength { get; }

    public abstract int AgreedLength { get; }

    /// <summary>The group's own half of DeriveKeyPair (RFC 9180 §7.1.3), from the extracted key.</summary>
    public abstract void DerivePrivateKey(LabeledKdf kdf, ReadOnlySpan<byte> pseudorandomKey, Span<byte> privateKey);

    public abstract void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <exception cref="CryptoException">The public key is not usable.</exception>
    public abstract void Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> agreed);

    /// <exception cref="CryptoException">The public key is not usable.</exception>
    public abstract void RequirePublicKey(ReadOnlySpan<byte> publicKey);
}

/// <summary>X25519 (RFC 7748 §5).</summary>
internal sealed class X25519Group(ICryptoProvider provider) : DhGroup
{
    public override int PublicKeyLength => Sizes.X25519Key;

    public override int PrivateKeyLength => Sizes.X25519Key;

    public override int AgreedLength => Sizes.X25519Key;

    public override void DerivePrivateKey(LabeledKdf kdf, ReadOnlySpan<byte> pseudorandomKey, Span<byte> privateKey) =>
        kdf.Expand(pseudorandomKey, "sk"u8, [], privateKey);

    public override void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        provider.X25519PublicKey(privateKey, publicKey);

    public override void Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> agreed) =>
        provider.X25519Agree(privateKey, publicKey, agreed);

    public override void RequirePublicKey(ReadOnlySpan<byte> publicKey) => PeerKeys.RequireUsableX25519(publicKey);
}

/// <summary>X448 (RFC 7748 §5).</summary>
internal sealed class X448Group(ICryptoProvider provider) : DhGroup
{
    public override int PublicKeyLength => Sizes.X448Key;

    public override int PrivateKeyLength => Sizes.X448Key;

    public override int AgreedLength => Sizes.X448Key;

    public override void DerivePrivateKey(LabeledKdf kdf, ReadOnlySpan<byte> pseudorandomKey, Span<byte> privateKey) =>
        kdf.Expand(pseudorandomKey, "sk"u8, [], privateKey);

    public override void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        provider.X448PublicKey(privateKey, publicKey);

    public override void Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> agreed) =>
        provider.X448Agree(privateKey, publicKey, agreed);

    /// <summary>Every scalar is a multiple of the cofactor, so an agreement under any of them finds points of low order.</summary>
    public override void RequirePublicKey(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> scalar = stackalloc byte[Sizes.X448Key];
        Span<byte> agreed = stackalloc byte[Sizes.X448Key];
        scalar.Clear();
        provider.X448Agree(scalar, publicKey, agreed);
    }
}

/// <summary>A NIST curve, whose agreement is the x-coordinate (RFC 9180 §4.1).</summary>
internal sealed class NistGroup(ICryptoProvider provider, NistCurve curve) : DhGroup
{
    public override int PublicKeyLength => Sizes.NistPublicKey(curve);

    public override int PrivateKeyLength => Sizes.NistScalar(curve);

    public override int AgreedLength => Sizes.NistScalar(curve);

    /// <summary>Candidates are tried until one is a scalar. The second is needed once in 2^32 for P-256, less for the others.</summary>
    public override void DerivePrivateKey(LabeledKdf kdf, ReadOnlySpan<byte> pseudorandomKey, Span<byte> privateKey)
    {
        Span<byte> counter = stackalloc byte[1];
        for (var i = 0; i <= byte.MaxValue; i++)
        {
            counter[0] = (byte)i;
            kdf.Expand(pseudorandomKey, "candidate"u8, counter, privateKey);
            privateKey[0] &= NistScalar.LeadingBits(curve);
            if (NistScalar.IsInRange(curve, privateKey))
                return;
        }
        throw new InvalidOperationException("No candidate is a scalar (DeriveKeyPairError of RFC 9180 §7.1.3).");
    }

    public override void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        provider.NistPublicKey(curve, privateKey, publicKey);

    public override void Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> agreed) =>
        provider.NistAgree(curve, privateKey, publicKey, agreed);

    public override void RequirePublicKey(ReadOnlySpan<byte> publicKey) => provider.RequireNistPublicKey(curve, publicKey);
}
