using System.Buffers.Binary;
using System.Text;
using Sotto.Crypto;
using Sotto.Direct.Identities;

namespace Sotto.Direct.Handshake;

/// <summary>
/// A running hash over everything both sides said. Each absorbed part is labelled and length-prefixed, so that two
/// different conversations never give the same hash: <c>next = SHA-256(hash ‖ uint8 label length ‖ label ‖ uint32 length ‖ part)</c>.
/// Signatures, finished messages and keys are all made over it.
/// </summary>
internal sealed class Transcript(ICryptoProvider crypto)
{
    private readonly byte[] _hash = new byte[32];

    public ReadOnlySpan<byte> Hash => _hash;

    public void Absorb(string label, ReadOnlySpan<byte> part)
    {
        var length = _hash.Length + 1 + label.Length + 4 + part.Length;
        var buffer = new byte[length];
        _hash.CopyTo(buffer, 0);
        buffer[32] = (byte)label.Length;
        Encoding.ASCII.GetBytes(label, buffer.AsSpan(33));
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(33 + label.Length), (uint)part.Length);
        part.CopyTo(buffer.AsSpan(37 + label.Length));
        crypto.Hash(HashAlgorithm.Sha256, buffer, _hash);
    }

    public void Sign(Identity signer, string label, Span<byte> signature) => signer.Sign(ToBeSigned(label), signature);

    public bool Verify(ReadOnlySpan<byte> publicKey, string label, ReadOnlySpan<byte> signature)
    {
#if DEFENCES
        if (Defence.SignedTranscript.IsOff())
            return true;
#endif
        return crypto.Ed25519Verify(publicKey, ToBeSigned(label), signature);
    }

    private byte[] ToBeSigned(string label) => [.. "sotto direct 1 "u8, .. Encoding.ASCII.GetBytes(label), 0, .. _hash];
}
