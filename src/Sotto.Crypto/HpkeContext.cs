using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Sotto.Crypto;

/// <summary>
/// One side of an HPKE context (RFC 9180 §5.2): messages in order under one encapsulated key, and secrets exported from
/// it. Its owner disposes it. For one thread at a time.
/// </summary>
public abstract class HpkeContext : IDisposable
{
    private readonly HpkeKeySchedule _schedule;
    private readonly HpkeKeys _keys;
    private ulong _sequence;

    private protected HpkeContext(HpkeKeySchedule schedule, HpkeKeys keys)
    {
        _schedule = schedule;
        _keys = keys;
    }

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private protected ReadOnlySpan<byte> Key => _keys.Key;

    /// <summary>The cipher.</summary>
    /// <exception cref="InvalidOperationException">The suite has none.</exception>
    private protected AeadAlgorithm Aead => RequireAead(_schedule);

    /// <summary>Context.Export (RFC 9180 §5.3).</summary>
    /// <param name="exporterContext">What the secret is for, any length.</param>
    /// <param name="length">Bytes, at most 255 digests of the suite's hash function.</param>
    /// <returns>A secret that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above the limit.</exception>
    /// <exception cref="ObjectDisposedException">The context was disposed.</exception>
    public Secret Export(ReadOnlySpan<byte> exporterContext, int length) => Export(_schedule, _keys, exporterContext, length);

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    internal static AeadAlgorithm RequireAead(HpkeKeySchedule schedule) =>
        schedule.Aead ?? throw new InvalidOperationException("This suite only exports secrets (RFC 9180 §7.3).");

    internal static Secret Export(HpkeKeySchedule schedule, HpkeKeys keys, ReadOnlySpan<byte> exporterContext, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, schedule.LongestExport);
        var exporterSecret = keys.ExporterSecret;
        var exported = Secret.Create(length, out var bytes);
        schedule.Export(exporterSecret, exporterContext, bytes);
        return exported;
    }

    /// <summary>ComputeNonce (RFC 9180 §5.2): the sequence number into the end of the base nonce.</summary>
    /// <exception cref="InvalidOperationException">The sequence numbers are used up.</exception>
    private protected void ComputeNonce(Span<byte> nonce)
    {
        if (_sequence == ulong.MaxValue)
            throw new InvalidOperationException("The context has no sequence number left (MessageLimitReachedError of RFC 9180 §5.2).");
        _keys.BaseNonce.CopyTo(nonce);
        var last = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ _sequence);
    }

    private protected void Advance() => _sequence++;

    /// <summary>Releases the keys.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _keys.Dispose();
    }
}

/// <summary>The sender's side (SetupBaseS and SetupPSKS of RFC 9180 §5.1). Its owner disposes it. For one thread at a time.</summary>
public sealed class HpkeSender : HpkeContext
{
    private readonly ICryptoProvider _provider;

    internal HpkeSender(ICryptoProvider provider, HpkeKeySchedule schedule, HpkeKeys keys, byte[] encapsulation)
        : base(schedule, keys)
    {
        _provider = provider;
        Encapsulation = encapsulation;
    }

    /// <summary>The encapsulated key that the receiver needs.</summary>
    public ReadOnlyMemory<byte> Encapsulation { get; }

    /// <summary>Encrypts the next message.</summary>
    /// <returns>The plaintext's length plus <see cref="Sizes.AeadTag"/>.</returns>
    /// <exception cref="InvalidOperationException">The suite only exports secrets, or the sequence numbers are used up.</exception>
    /// <exception cref="ObjectDisposedException">The context was disposed.</exception>
    public byte[] Seal(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        var aead = Aead;
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce(aead)];
        ComputeNonce(nonce);
        var ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        _provider.AeadSeal(aead, Key, nonce, associatedData, plaintext, ciphertext);
        Advance();
        return ciphertext;
    }
}

/// <summary>The receiver's side (SetupBaseR and SetupPSKR of RFC 9180 §5.1). Its owner disposes it. For one thread at a time.</summary>
public sealed class HpkeReceiver : HpkeContext
{
    private readonly ICryptoProvider _provider;

    internal HpkeReceiver(ICryptoProvider provider, HpkeKeySchedule schedule, HpkeKeys keys)
        : base(schedule, keys) => _provider = provider;

    /// <summary>Opens the next message. One that does not open leaves the context as it was.</summary>
    /// <param name="associatedData">What the sender authenticated with it.</param>
    /// <param name="ciphertext">The message.</param>
    /// <param name="plaintext">What it held, which the caller disposes; null when it does not open.</param>
    /// <returns>False when it does not open: it is changed, cut, or not the next one.</returns>
    /// <exception cref="InvalidOperationException">The suite only exports secrets, or the sequence numbers are used up.</exception>
    /// <exception cref="ObjectDisposedException">The context was disposed.</exception>
    public bool TryOpen(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out Secret? plaintext)
    {
        var aead = Aead;
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce(aead)];
        ComputeNonce(nonce);
        plaintext = Open(_provider, aead, Key, nonce, associatedData, ciphertext);
        if (plaintext is not null)
            Advance();
        return plaintext is not null;
    }

    internal static Secret? Open(ICryptoProvider provider, AeadAlgorithm aead, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Sizes.AeadTag)
            return null;
        var opened = Secret.Create(ciphertext.Length - Sizes.AeadTag, out var bytes);
        if (provider.TryAeadOpen(aead, key, nonce, associatedData, ciphertext, bytes))
            return opened;
        opened.Dispose();
        return null;
    }
}
