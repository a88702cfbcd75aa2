using Sotto.Crypto;

namespace Sotto.Direct.Handshake;

/// <summary>
/// The secret of a handshake in progress: HKDF-Extract of the exchanged secret under the invite's secret (or nothing).
/// It seals the introductions and keys the finished messages; each key is used once. The owner disposes it.
/// </summary>
internal sealed class HandshakeKeys : IDisposable
{
    private const AeadAlgorithm Cipher = AeadAlgorithm.XChaCha20Poly1305;
    private readonly ICryptoProvider _crypto;
    private readonly Secret _secret;

    public HandshakeKeys(ICryptoProvider crypto, Secret? inviteSecret, Secret exchanged)
    {
        _crypto = crypto;
#if DEFENCES
        if (Defence.InviteKey.IsOff())
            inviteSecret = null;
#endif
        _secret = Schedule.Extract(crypto, inviteSecret is null ? default : inviteSecret.Bytes, exchanged.Bytes);
    }

    /// <summary>Seals one message under a key of its own, made of what was said so far, so that the nonce may be zero.</summary>
    public byte[] Seal(string label, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext)
    {
        using var key = Schedule.Derive(_crypto, _secret, label, context);
        var ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        _crypto.AeadSeal(Cipher, key.Bytes, new byte[Sizes.AeadNonce(Cipher)], default, plaintext, ciphertext);
        return ciphertext;
    }

    public byte[]? Open(string label, ReadOnlySpan<byte> context, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Sizes.AeadTag)
            return null;
        using var key = Schedule.Derive(_crypto, _secret, label, context);
        var plaintext = new byte[ciphertext.Length - Sizes.AeadTag];
        return _crypto.TryAeadOpen(Cipher, key.Bytes, new byte[Sizes.AeadNonce(Cipher)], default, ciphertext, plaintext) ? plaintext : null;
    }

    public void Finished(string label, Transcript transcript, Span<byte> mac)
    {
        using var key = Schedule.Derive(_crypto, _secret, label, default);
        _crypto.Hmac(HashAlgorithm.Sha256, key.Bytes, transcript.Hash, mac);
    }

    public bool IsFinished(string label, Transcript transcript, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[32];
        Finished(label, transcript, expected);
        return System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    public Secret Root(Transcript transcript) => Schedule.Derive(_crypto, _secret, "root", transcript.Hash);

    public void Dispose() => _secret.Dispose();
}
