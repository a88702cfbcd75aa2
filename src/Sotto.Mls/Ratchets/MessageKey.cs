using Sotto.Mls.Suites;

namespace Sotto.Mls.Ratchets;

/// <summary>The key and nonce of one generation, for one message (RFC 9420 §9.1). The owner disposes it after use.</summary>
internal sealed class MessageKey : IDisposable
{
    private readonly int _keyLength;
    private readonly Secret _bytes;

    private MessageKey(uint generation, Secret bytes, int keyLength)
    {
        Generation = generation;
        _bytes = bytes;
        _keyLength = keyLength;
    }

    public uint Generation { get; }

    public ReadOnlySpan<byte> Key => _bytes.Bytes[.._keyLength];

    public ReadOnlySpan<byte> Nonce => _bytes.Bytes[_keyLength..];

    public static MessageKey Derive(SuiteCrypto crypto, SecretSource ratchet, uint generation)
    {
        var secret = Secret.Create(crypto.KeyLength + crypto.NonceLength, out var bytes);
        ratchet.DeriveTree("key"u8, generation, bytes[..crypto.KeyLength]);
        ratchet.DeriveTree("nonce"u8, generation, bytes[crypto.KeyLength..]);
        return new MessageKey(generation, secret, crypto.KeyLength);
    }

    /// <summary>The nonce with the sender's random guard over its first four bytes (§6.3.1).</summary>
    public void GuardedNonce(ReadOnlySpan<byte> guard, Span<byte> nonce)
    {
        Nonce.CopyTo(nonce);
        for (var i = 0; i < guard.Length; i++)
            nonce[i] ^= guard[i];
    }

    public void Write(TlsWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteFixed(_bytes.Bytes);
    }

    public static MessageKey Read(SuiteCrypto crypto, ref TlsReader reader) => new(
        reader.ReadUInt32(), Secret.CopyOf(reader.ReadFixed(crypto.KeyLength + crypto.NonceLength).Span), crypto.KeyLength);

    public void Dispose() => _bytes.Dispose();
}
