using System.Buffers.Binary;
using Sotto.Crypto;

namespace Sotto.Direct.Handshake;

/// <summary>
/// Six digits that both people see and one reads to the other. They come from both identity keys and both nonces and
/// nothing else (threat model §8): everything that goes in was fixed by one side before it saw the other's nonce, so a
/// man in the middle gets one guess in a million and cannot search for a better one.
/// </summary>
public readonly record struct SpokenCode
{
    private readonly int _value;

    private SpokenCode(int value) => _value = value;

    internal static SpokenCode From(ICryptoProvider crypto, ReadOnlySpan<byte> hostKey, ReadOnlySpan<byte> joinKey, ReadOnlySpan<byte> hostNonce, ReadOnlySpan<byte> joinNonce)
    {
        byte[] material = [.. hostKey, .. joinKey, .. hostNonce, .. joinNonce];
        Span<byte> prk = stackalloc byte[32];
        Span<byte> output = stackalloc byte[8];
        crypto.HkdfExtract(HashAlgorithm.Sha256, default, material, prk);
        Schedule.Derive(crypto, prk, "spoken code", default, output);
        return new((int)(BinaryPrimitives.ReadUInt64BigEndian(output) % 1_000_000));
    }

    /// <summary>Two groups of three digits.</summary>
    public override string ToString() => $"{_value / 1000:000} {_value % 1000:000}";
}
