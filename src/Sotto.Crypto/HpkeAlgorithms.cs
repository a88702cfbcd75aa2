using System.Buffers.Binary;

namespace Sotto.Crypto;

/// <summary>The algorithms of an HPKE ciphersuite (RFC 9180 §7).</summary>
/// <param name="Kem">The key encapsulation mechanism.</param>
/// <param name="Kdf">The hash function of HKDF in the key schedule.</param>
/// <param name="Aead">The cipher, or null for a suite that only exports secrets (RFC 9180 §7.3). XChaCha20-Poly1305 has no number in HPKE.</param>
/// <param name="Derivation">The form of X-Wing's DeriveKeyPair; other mechanisms have only one.</param>
public sealed record HpkeAlgorithms(KemAlgorithm Kem, HashAlgorithm Kdf, AeadAlgorithm? Aead, XWingDerivation Derivation = XWingDerivation.Labeled)
{
    private const ushort ExportOnly = 0xFFFF;

    /// <summary>The suite_id of the key schedule (RFC 9180 §5.1).</summary>
    internal byte[] SuiteId()
    {
        var id = new byte[10];
        "HPKE"u8.CopyTo(id);
        BinaryPrimitives.WriteUInt16BigEndian(id.AsSpan(4), (ushort)Kem);
        BinaryPrimitives.WriteUInt16BigEndian(id.AsSpan(6), KdfNumber());
        BinaryPrimitives.WriteUInt16BigEndian(id.AsSpan(8), AeadNumber());
        return id;
    }

    private ushort KdfNumber() => Kdf switch
    {
        HashAlgorithm.Sha256 => 0x0001,
        HashAlgorithm.Sha384 => 0x0002,
        HashAlgorithm.Sha512 => 0x0003,
        _ => throw new ArgumentOutOfRangeException(nameof(Kdf)),
    };

    private ushort AeadNumber() => Aead switch
    {
        AeadAlgorithm.Aes128Gcm => 0x0001,
        AeadAlgorithm.Aes256Gcm => 0x0002,
        AeadAlgorithm.ChaCha20Poly1305 => 0x0003,
        null => ExportOnly,
        _ => throw new ArgumentOutOfRangeException(nameof(Aead)),
    };
}

/// <summary>What <see cref="Hpke.Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> makes.</summary>
/// <param name="Encapsulation">The encapsulated key, of <see cref="Hpke.EncapsulationLength"/> bytes.</param>
/// <param name="Ciphertext">The plaintext's length plus <see cref="Sizes.AeadTag"/>.</param>
public readonly record struct HpkeCiphertext(ReadOnlyMemory<byte> Encapsulation, ReadOnlyMemory<byte> Ciphertext)
{
    /// <summary>Whether both hold the same bytes.</summary>
    public bool Equals(HpkeCiphertext other) =>
        Encapsulation.Span.SequenceEqual(other.Encapsulation.Span) && Ciphertext.Span.SequenceEqual(other.Ciphertext.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Encapsulation.Span);
        hash.AddBytes(Ciphertext.Span);
        return hash.ToHashCode();
    }
}

/// <summary>What <see cref="Hpke.SendExport"/> makes.</summary>
/// <param name="Encapsulation">The encapsulated key, of <see cref="Hpke.EncapsulationLength"/> bytes.</param>
/// <param name="Exported">The secret, which the receiver disposes.</param>
public readonly record struct HpkeExport(byte[] Encapsulation, Secret Exported)
{
    /// <summary>Whether both hold the same bytes, the secrets compared in constant time.</summary>
    public bool Equals(HpkeExport other) =>
        Encapsulation.AsSpan().SequenceEqual(other.Encapsulation) && Equals(Exported, other.Exported);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Encapsulation);
        return hash.ToHashCode();
    }
}
