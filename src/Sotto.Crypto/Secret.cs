using System.Diagnostics;
using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>
/// Secret bytes: zeroed on dispose, never shown. Whoever receives a <see cref="Secret"/> from a method or constructor
/// documented as giving it away disposes it; everybody else only reads it.
/// </summary>
[DebuggerDisplay("Secret (redacted)")]
public sealed class Secret : IDisposable
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private byte[]? _bytes;

    private Secret(int length) => _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    /// <summary>Length in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>The bytes, valid until dispose.</summary>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return _bytes;
        }
    }

    /// <summary>A new secret of zero bytes and the span to fill it through, which must not outlive the caller's method.</summary>
    public static Secret Create(int length, out Span<byte> bytes)
    {
        var secret = new Secret(length);
        secret._bytes.AsSpan().Clear();
        bytes = secret._bytes;
        return secret;
    }

    /// <summary>A copy of the bytes. The caller zeroes the source where it can.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> source)
    {
        var secret = Create(source.Length, out var bytes);
        source.CopyTo(bytes);
        return secret;
    }

    /// <summary>Compares in constant time for equal lengths.</summary>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Bytes, other);

    /// <summary>Never the bytes.</summary>
    public override string ToString() => "Secret (redacted)";

    /// <summary>Zeroes the bytes.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = null;
    }
}
