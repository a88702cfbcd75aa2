using System.Security.Cryptography;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// The Fernet specification read as plainly as possible, one bit after the other and with the base class library alone.
/// Slow, and independent of the decoder that it is compared with.
/// </summary>
internal static class SlowFernet
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>The body of the token, or null when the text is not the one encoding of any bytes.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        if (text.Length % 4 != 0)
            return null;
        var body = new List<byte>();
        int bits = 0, held = 0, padding = 0;
        foreach (var character in text)
        {
            if (character == '=')
            {
                padding++;
                continue;
            }

            var value = Alphabet.IndexOf((char)character, StringComparison.Ordinal);
            if (value < 0 || padding > 0)
                return null;
            (bits, held) = ((bits << 6) | value, held + 6);
            if (held < 8)
                continue;
            held -= 8;
            body.Add((byte)(bits >> held));
            bits &= (1 << held) - 1;
        }

        return bits == 0 && padding < 3 && held == padding * 2 ? [.. body] : null;
    }

    public static string Encode(ReadOnlySpan<byte> body) =>
        Convert.ToBase64String(body).Replace('+', '-').Replace('/', '_');

    /// <summary>The plaintext and the time of a token that opens, or null.</summary>
    public static (byte[] Plaintext, ulong Time)? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        if (Decode(text) is not { } body || body.Length < 1 + 8 + 16 + 16 + 32 || body[0] != 0x80)
            return null;
        var signed = body.AsSpan(..^32);
        if (!HMACSHA256.HashData(key[..16], signed).AsSpan().SequenceEqual(body.AsSpan(^32..)))
            return null;
        ulong time = 0;
        foreach (var octet in body.AsSpan(1, 8))
            time = (time << 8) | octet;
        if (time > long.MaxValue || (signed.Length - 25) % 16 != 0)
            return null;
        return Unpad(Decrypt(key[16..], body.AsSpan(9, 16), signed[25..])) is { } plaintext ? (plaintext, time) : null;
    }

    private static byte[] Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext)
    {
        using var aes = Aes.Create();
        aes.Key = key.ToArray();
        return aes.DecryptCbc(ciphertext, iv, PaddingMode.None);
    }

    private static byte[]? Unpad(byte[] padded)
    {
        var count = padded[^1];
        var good = count is >= 1 and <= 16 && padded.AsSpan(^count..).IndexOfAnyExcept(count) < 0;
        return good ? padded[..^count] : null;
    }
}
