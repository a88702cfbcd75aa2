using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>DHKEM (RFC 9180 §4.1) over one group, without its authenticated forms.</summary>
internal sealed class DhKem : HpkeKem
{
    private const int LargestKey = 133;
    private const int LargestScalar = 66;
    private const int LargestDigest = 64;

    private readonly ICryptoProvider _provider;
    private readonly DhGroup _group;
    private readonly LabeledKdf _kdf;

    public DhKem(ICryptoProvider provider, KemAlgorithm algorithm, HashAlgorithm hash, DhGroup group)
    {
        var suiteId = new byte[5];
        "KEM"u8.CopyTo(suiteId);
        BinaryPrimitives.WriteUInt16BigEndian(suiteId.AsSpan(3), (ushort)algorithm);
        _provider = provider;
        _group = group;
        _kdf = new LabeledKdf(provider, hash, suiteId);
    }

    public override int PublicKeyLength => _group.PublicKeyLength;

    public override int PrivateKeyLength => _group.PrivateKeyLength;

    public override int EncapsulationLength => _group.PublicKeyLength;

    public override int SharedSecretLength => _kdf.ExtractLength;

    public override void DerivePrivateKey(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey)
    {
        Span<byte> pseudorandomKey = stackalloc byte[LargestDigest];
        pseudorandomKey = pseudorandomKey[.._kdf.ExtractLength];
        _kdf.Extract([], "dkp_prk"u8, inputKeyMaterial, pseudorandomKey);
        _group.DerivePrivateKey(_kdf, pseudorandomKey, privateKey);
        CryptographicOperations.ZeroMemory(pseudorandomKey);
    }

    /// <summary>DeriveKeyPair of random bytes, so that a repeatable random source gives a repeatable key.</summary>
    public override void GeneratePrivateKey(Span<byte> privateKey)
    {
        Span<byte> material = stackalloc byte[LargestScalar];
        material = material[..PrivateKeyLength];
        _provider.FillRandom(material);
        DerivePrivateKey(material, privateKey);
        CryptographicOperations.ZeroMemory(material);
    }

    public override void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => _group.PublicKey(privateKey, publicKey);

    public override void RequirePublicKey(ReadOnlySpan<byte> publicKey) => _group.RequirePublicKey(publicKey);

    public override void Encapsulate(ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, Span<byte> sharedSecret)
    {
        Span<byte> ephemeral = stackalloc byte[LargestScalar];
        ephemeral = ephemeral[..PrivateKeyLength];
        try
        {
            GeneratePrivateKey(ephemeral);
            _group.PublicKey(ephemeral, encapsulation);
            AgreeAndDerive(ephemeral, publicKey, encapsulation, publicKey, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ephemeral);
        }
    }

    public override void Decapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, Span<byte> sharedSecret)
    {
        Span<byte> publicKey = stackalloc byte[LargestKey];
        publicKey = publicKey[..PublicKeyLength];
        _group.PublicKey(privateKey, publicKey);
        AgreeAndDerive(privateKey, encapsulation, encapsulation, publicKey, sharedSecret);
    }

    /// <summary>The agreement, then ExtractAndExpand over the encapsulation followed by the recipient's key.</summary>
    private void AgreeAndDerive(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> recipient, Span<byte> sharedSecret)
    {
        Span<byte> agreed = stackalloc byte[LargestScalar];
        agreed = agreed[.._group.AgreedLength];
        Span<byte> pseudorandomKey = stackalloc byte[LargestDigest];
        pseudorandomKey = pseudorandomKey[.._kdf.ExtractLength];
        Span<byte> context = stackalloc byte[2 * LargestKey];
        context = context[..(2 * PublicKeyLength)];
        try
        {
            _group.Agree(privateKey, peer, agreed);
            encapsulation.CopyTo(context);
            recipient.CopyTo(context[PublicKeyLength..]);
            _kdf.Extract([], "eae_prk"u8, agreed, pseudorandomKey);
            _kdf.Expand(pseudorandomKey, "shared_secret"u8, context, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(agreed);
            CryptographicOperations.ZeroMemory(pseudorandomKey);
        }
    }
}
