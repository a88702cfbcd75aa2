using Sotto.Crypto;

namespace Sotto.Direct.Identities;

/// <summary>The first 16 bytes of SHA-256 of an Ed25519 public key: names the key in an invite and on a screen.</summary>
public readonly record struct Fingerprint
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 16;

    private readonly UInt128 _value;

    private Fingerprint(UInt128 value) => _value = value;

    /// <summary>The fingerprint of a public key.</summary>
    public static Fingerprint Of(ICryptoProvider crypto, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> digest = stackalloc byte[32];
        crypto.Hash(HashAlgorithm.Sha256, publicKey, digest);
        return FromBytes(digest[..Length]);
    }

    /// <summary>Takes 16 bytes as they stand in an invite.</summary>
    public static Fingerprint FromBytes(ReadOnlySpan<byte> bytes) =>
        new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Writes the 16 bytes.</summary>
    public void CopyTo(Span<byte> destination) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination, _value);

    /// <summary>Eight groups of four hexadecimal digits.</summary>
    public override string ToString()
    {
        var digits = _value.ToString("x32", null);
        return string.Join(' ', Enumerable.Range(0, 8).Select(group => digits.Substring(group * 4, 4)));
    }
}
