using System.Diagnostics;

namespace Sotto.Crypto;

/// <summary>What a set of keys is wanted for; the rest of it is not computed.</summary>
[Flags]
internal enum HpkeUses
{
    /// <summary>Key and base nonce.</summary>
    Encryption = 1,

    /// <summary>The exporter secret.</summary>
    Export = 2,

    /// <summary>All of them.</summary>
    All = Encryption | Export,
}

/// <summary>Key, base nonce and exporter secret of one context (RFC 9180 §5.1). The owner disposes it.</summary>
internal sealed class HpkeKeys : IDisposable
{
    private readonly Secret _secret;
    private readonly int _keyLength;
    private readonly int _nonceLength;

    /// <summary>Runs the key schedule: in base mode when the pre-shared key is empty, in PSK mode otherwise.</summary>
    public HpkeKeys(HpkeKeySchedule schedule, HpkeUses uses, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> infoHash, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        _keyLength = uses.HasFlag(HpkeUses.Encryption) ? schedule.KeyLength : 0;
        _nonceLength = uses.HasFlag(HpkeUses.Encryption) ? schedule.NonceLength : 0;
        var exporterLength = uses.HasFlag(HpkeUses.Export) ? schedule.ExporterSecretLength : 0;
        _secret = Secret.Create(_keyLength + _nonceLength + exporterLength, out var bytes);

        var key = bytes[.._keyLength];
        var nonce = bytes.Slice(_keyLength, _nonceLength);
        var exporter = bytes[(_keyLength + _nonceLength)..];
        if (psk.IsEmpty)
            schedule.Derive(sharedSecret, infoHash, key, nonce, exporter);
        else
            schedule.DeriveWithPsk(sharedSecret, infoHash, psk, pskId, key, nonce, exporter);
    }

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public ReadOnlySpan<byte> Key => _secret.Bytes[.._keyLength];

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public ReadOnlySpan<byte> BaseNonce => _secret.Bytes.Slice(_keyLength, _nonceLength);

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public ReadOnlySpan<byte> ExporterSecret => _secret.Bytes[(_keyLength + _nonceLength)..];

    public void Dispose() => _secret.Dispose();
}
