using System.Buffers.Binary;
using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Wire;

namespace Sotto.Relay.Accounts;

/// <summary>
/// Nonces for signed requests, once each within 5 minutes (as RFC 8555 §6.5). Giving one out costs no memory: it carries its
/// time under a MAC whose key dies with the process; only those that a listed device used are remembered.
/// </summary>
/// <remarks>Layout: <c>uint64 unix_milliseconds | random[8] | HMAC-SHA-256 cut to 16 bytes</c>. Clients take it as 32 opaque bytes.</remarks>
public sealed class Nonces : IDisposable
{
    private const int Signed = 16;

    private readonly ICryptoProvider _crypto;
    private readonly TimeProvider _time;
    private readonly Secret _key;
    private readonly Lock _gate = new();
    private HashSet<Bytes32> _used = [];
    private HashSet<Bytes32> _usedBefore = [];
    private DateTimeOffset _turned;

    /// <summary>Nonces of this process.</summary>
    public Nonces(ICryptoProvider crypto, TimeProvider time)
    {
        (_crypto, _time, _turned) = (crypto, time, time.GetUtcNow());
        _key = Secret.Create(32, out var key);
        crypto.FillRandom(key);
    }

    /// <summary>A fresh nonce.</summary>
    public byte[] Issue()
    {
        var nonce = new byte[Bytes32.Length];
        BinaryPrimitives.WriteInt64BigEndian(nonce, _time.GetUtcNow().ToUnixTimeMilliseconds());
        _crypto.FillRandom(nonce.AsSpan(8, 8));
        WriteMac(nonce, nonce.AsSpan(Signed));
        return nonce;
    }

    /// <summary>Whether this process gave it out in the last 5 minutes.</summary>
    public bool IsFresh(Bytes32 nonce)
    {
        Span<byte> bytes = stackalloc byte[Bytes32.Length];
        Span<byte> mac = stackalloc byte[Bytes32.Length - Signed];
        nonce.CopyTo(bytes);
        WriteMac(bytes, mac);
        var age = _time.GetUtcNow().ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64BigEndian(bytes);
        return CryptographicOperations.FixedTimeEquals(mac, bytes[Signed..]) && age >= 0 && age <= Limits.Nonce.TotalMilliseconds;
    }

    /// <summary>Uses a fresh nonce up.</summary>
    /// <returns>False when it was used before.</returns>
    public bool TryUse(Bytes32 nonce)
    {
        lock (_gate)
        {
            if (_time.GetUtcNow() - _turned > Limits.Nonce)
            {
                (_usedBefore, _used) = (_used, []);
                _turned = _time.GetUtcNow();
            }

            return !_usedBefore.Contains(nonce) && _used.Add(nonce);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private void WriteMac(ReadOnlySpan<byte> nonce, Span<byte> destination)
    {
        Span<byte> mac = stackalloc byte[32];
        _crypto.Hmac(Crypto.HashAlgorithm.Sha256, _key.Bytes, nonce[..Signed], mac);
        mac[..destination.Length].CopyTo(destination);
    }
}
