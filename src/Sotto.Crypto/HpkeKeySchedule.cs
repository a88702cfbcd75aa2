using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>The key schedule of one suite in base and PSK mode (RFC 9180 §5.1).</summary>
internal sealed class HpkeKeySchedule
{
    private const int LargestDigest = 64;
    private const byte BaseMode = 0x00;
    private const byte PskMode = 0x01;

    private readonly LabeledKdf _kdf;
    private readonly byte[] _noPskIdHash;

    public HpkeKeySchedule(ICryptoProvider provider, HpkeAlgorithms algorithms)
    {
        _kdf = new LabeledKdf(provider, algorithms.Kdf, algorithms.SuiteId());
        Aead = algorithms.Aead;
        KeyLength = Aead is { } aead ? Sizes.AeadKey(aead) : 0;
        NonceLength = Aead is { } cipher ? Sizes.AeadNonce(cipher) : 0;
        _noPskIdHash = new byte[_kdf.ExtractLength];
        _kdf.Extract([], "psk_id_hash"u8, [], _noPskIdHash);
    }

    /// <summary>The cipher, null in a suite that only exports.</summary>
    public AeadAlgorithm? Aead { get; }

    public int KeyLength { get; }

    public int NonceLength { get; }

    public int ExporterSecretLength => _kdf.ExtractLength;

    /// <summary>The most that <see cref="Export"/> gives.</summary>
    public int LongestExport => 255 * _kdf.ExtractLength;

    /// <summary>The hash of the info, which is all that the schedule needs of it. The destination is one digest.</summary>
    public void HashInfo(ReadOnlySpan<byte> info, Span<byte> hash) => _kdf.Extract([], "info_hash"u8, info, hash);

    /// <summary>Base mode. A destination that is empty is not computed.</summary>
    public void Derive(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> infoHash, Span<byte> key, Span<byte> baseNonce, Span<byte> exporterSecret) =>
        Derive(BaseMode, sharedSecret, infoHash, [], _noPskIdHash, key, baseNonce, exporterSecret);

    /// <summary>PSK mode, with a key and an identifier that are not empty. A destination that is empty is not computed.</summary>
    public void DeriveWithPsk(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> infoHash, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId, Span<byte> key, Span<byte> baseNonce, Span<byte> exporterSecret)
    {
        Span<byte> pskIdHash = stackalloc byte[LargestDigest];
        pskIdHash = pskIdHash[.._kdf.ExtractLength];
        _kdf.Extract([], "psk_id_hash"u8, pskId, pskIdHash);
        Derive(PskMode, sharedSecret, infoHash, psk, pskIdHash, key, baseNonce, exporterSecret);
    }

    /// <summary>Context.Export (RFC 9180 §5.3).</summary>
    public void Export(ReadOnlySpan<byte> exporterSecret, ReadOnlySpan<byte> exporterContext, Span<byte> output) =>
        _kdf.Expand(exporterSecret, "sec"u8, exporterContext, output);

    private void Derive(byte mode, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> infoHash, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskIdHash, Span<byte> key, Span<byte> baseNonce, Span<byte> exporterSecret)
    {
        var digest = _kdf.ExtractLength;
        Span<byte> context = stackalloc byte[1 + (2 * LargestDigest)];
        context = context[..(1 + (2 * digest))];
        context[0] = mode;
        pskIdHash.CopyTo(context[1..]);
        infoHash.CopyTo(context[(1 + digest)..]);

        Span<byte> secret = stackalloc byte[LargestDigest];
        secret = secret[..digest];
        _kdf.Extract(sharedSecret, "secret"u8, psk, secret);
        if (!key.IsEmpty)
            _kdf.Expand(secret, "key"u8, context, key);
        if (!baseNonce.IsEmpty)
            _kdf.Expand(secret, "base_nonce"u8, context, baseNonce);
        if (!exporterSecret.IsEmpty)
            _kdf.Expand(secret, "exp"u8, context, exporterSecret);
        CryptographicOperations.ZeroMemory(secret);
    }
}
