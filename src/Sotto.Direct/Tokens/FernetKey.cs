using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Sotto.Crypto;

namespace Sotto.Direct.Tokens;

/// <summary>A Fernet key: 16 bytes for signing, then 16 for encryption. The owner disposes it, which zeroes it.</summary>
[DebuggerDisplay("FernetKey (redacted)")]
public sealed class FernetKey : IDisposable
{
    /// <summary>Characters of a key as text, its one <c>=</c> included.</summary>
    public const int TextLength = 44;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly Secret _secret;

    private FernetKey(Secret secret) => _secret = secret;

    /// <summary>The 32 bytes, valid until dispose.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public ReadOnlySpan<byte> Bytes => _secret.Bytes;

    /// <summary>A new random key, which the caller disposes.</summary>
    public static FernetKey Generate(ICryptoProvider crypto)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        var secret = Secret.Create(FernetToken.KeyLength, out var bytes);
        crypto.FillRandom(bytes);
        return new FernetKey(secret);
    }

    /// <summary>
    /// Reads a key as Python's <c>Fernet.generate_key</c> prints it: 44 characters of base64url, the last one <c>=</c>,
    /// with nothing before, between or after them.
    /// </summary>
    /// <param name="text">The text, trimmed by the caller.</param>
    /// <param name="key">The key, which the caller disposes; null on failure.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FernetKey? key)
    {
        key = null;
        if (text.Length != TextLength || text[^1] != '=')
            return false;
        var secret = Secret.Create(FernetToken.KeyLength, out var bytes);
        if (IsWholeKey(text[..^1], bytes))
        {
            key = new FernetKey(secret);
            return true;
        }

        secret.Dispose();
        return false;
    }

    /// <summary>The key as text, for showing it to the person on purpose. A string cannot be zeroed.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public string Export() => string.Create(TextLength, this, static (text, key) =>
    {
        Base64Url.EncodeToChars(key.Bytes, text);
        text[^1] = '=';
    });

    /// <summary>Never the bytes.</summary>
    public override string ToString() => "FernetKey (redacted)";

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _secret.Dispose();

    /// <summary>The decoder skips whitespace, and then writes less; it refuses bits after the last byte.</summary>
    private static bool IsWholeKey(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var status = Base64Url.DecodeFromChars(text, bytes, out var consumed, out var written);
        return status == OperationStatus.Done && consumed == text.Length && written == bytes.Length;
    }
}
