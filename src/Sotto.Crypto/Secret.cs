using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Sotto.Crypto;

/// <summary>
/// Secret bytes in pinned memory, locked in RAM where the provider can: zeroed on dispose, compared in constant time,
/// never shown by text, debugger or serialiser.
/// </summary>
/// <remarks>
/// Ownership: whoever receives a <see cref="Secret"/> from a method or constructor documented as giving it away
/// disposes it; everybody else only reads it. One that nobody disposes keeps its bytes until the process ends: there is
/// no finalizer, because it could zero bytes that a span still reads. Any thread may use a secret, but nobody may read
/// it while its owner disposes it. A span of its bytes must not be kept past the dispose: its place is given to another
/// secret.
/// </remarks>
[DebuggerDisplay(Redacted)]
[DebuggerTypeProxy(typeof(RedactedView))]
public sealed class Secret : IDisposable, IEquatable<Secret>
{
    private const string Redacted = "Secret (redacted)";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly SecretPool _pool;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly int _length;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private SecretSlice? _slice;

    private Secret(SecretPool pool, int length)
    {
        _pool = pool;
        _length = length;
        _slice = pool.Rent(length);
    }

    /// <summary>Length in bytes.</summary>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public int Length => Bytes.Length;

    /// <summary>The bytes, valid until dispose.</summary>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    public ReadOnlySpan<byte> Bytes => Writable;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private Span<byte> Writable
    {
        get
        {
            var slice = _slice;
            ObjectDisposedException.ThrowIf(slice is null, this);
            return slice.Bytes(_length);
        }
    }

    /// <summary>A new secret of zero bytes and the span to fill it through, which must not outlive the caller's method.</summary>
    /// <param name="length">Length in bytes, 0 or more.</param>
    /// <param name="bytes">The secret's bytes, all zero.</param>
    /// <returns>A secret that the caller disposes.</returns>
    public static Secret Create(int length, out Span<byte> bytes) => Create(SecretPool.Shared, length, out bytes);

    /// <summary>A copy of the bytes. The caller zeroes the source where it can.</summary>
    /// <returns>A secret that the caller disposes.</returns>
    public static Secret CopyOf(ReadOnlySpan<byte> source)
    {
        var secret = Create(source.Length, out var bytes);
        source.CopyTo(bytes);
        return secret;
    }

    internal static Secret Create(SecretPool pool, int length, out Span<byte> bytes)
    {
        var secret = new Secret(pool, length);
        bytes = secret.Writable;
        return secret;
    }

    /// <summary>Compares in constant time for equal lengths.</summary>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Bytes, other);

    /// <summary>Whether both hold the same bytes, in constant time for equal lengths.</summary>
    /// <exception cref="ObjectDisposedException">One of the two was disposed.</exception>
    public bool Equals(Secret? other) => other is not null && FixedTimeEquals(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>Says only the length, so that a hash table reveals nothing else.</summary>
    public override int GetHashCode() => _length;

    /// <summary>Never the bytes.</summary>
    public override string ToString() => Redacted;

    /// <summary>Zeroes the bytes and gives their place back. Harmless when repeated.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _slice, null) is { } slice)
            _pool.Return(slice);
    }

    /// <summary>What a debugger shows instead of the members.</summary>
    private sealed class RedactedView(Secret secret)
    {
        public string Contents { get; } = secret.ToString();
    }
}
