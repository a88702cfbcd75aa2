using System.Security.Cryptography;
using System.Text;
using Sotto.Crypto;
using Sotto.Direct.Paper;
using Sotto.Direct.Tokens;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// Fernet tokens. The first byte says what the rest is: a text as it stands; the body of a token, to which the right MAC is
/// added, so that decryption is reached; or lines, whose tokens the paper's scanner must all find, in whatever pieces.
/// </summary>
internal static class TokenTarget
{
    private const string KeyText = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    private const int MostLines = 8;

    private static readonly ICryptoProvider Crypto = new FixedRandom(0).Provider();
    private static readonly FernetKey Key = FernetKey.TryParse(KeyText, out var key) ? key : throw new FindingException("the fixed key is refused");

    internal enum Kind : byte
    {
        Text,
        Body,
        Lines,
    }

    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        switch ((Kind)(reader.Byte() % 3))
        {
            case Kind.Text:
                Open(reader.Rest);
                Scan(reader.Rest);
                break;
            case Kind.Body:
                Open(Signed(reader.Rest));
                break;
            default:
                FindEveryLine(ref reader);
                break;
        }
    }

    /// <summary>The token of a body without its MAC.</summary>
    internal static byte[] Signed(ReadOnlySpan<byte> body) =>
        Encoding.ASCII.GetBytes(SlowFernet.Encode([.. body, .. HMACSHA256.HashData(Key.Bytes[..16], body)]));

    internal static byte[] Sealed(long time, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext)
    {
        var token = new byte[FernetToken.EncodedLength(plaintext.Length)];
        FernetToken.Encrypt(Crypto, Key.Bytes, time, iv, plaintext, token);
        return token;
    }

    private static void Open(ReadOnlySpan<byte> text)
    {
        var plaintext = new byte[FernetToken.MaxPlaintextLength(text.Length)];
        var opened = FernetToken.TryDecrypt(Crypto, Key.Bytes, text, plaintext, out var written, out var time);
        var expected = SlowFernet.Open(Key.Bytes, text);
        FindingException.ThrowUnless(opened == expected is not null, $"opened: {opened}, by the slow decoder: {!opened}");
        if (expected is not { } slow)
        {
            FindingException.ThrowUnless(written == 0 && time == 0 && plaintext.AsSpan().IndexOfAnyExcept((byte)0) < 0, "a refused token left something");
            return;
        }

        FindingException.ThrowUnless(slow.Time == (ulong)time && plaintext.AsSpan(0, written).SequenceEqual(slow.Plaintext), "two decoders, two plaintexts");
        var again = Sealed(time, SlowFernet.Decode(text).AsSpan(9, 16), plaintext.AsSpan(0, written));
        FindingException.ThrowUnless(text.SequenceEqual(again), "one token has two encodings");
    }

    /// <summary>The first byte of the text is also the length of its pieces.</summary>
    private static void Scan(ReadOnlySpan<byte> text)
    {
        var results = new List<ScanResult>();
        var scanner = new TokenScanner(Crypto, Key);
        Feed(scanner, text, text.IsEmpty ? 1 : 1 + text[0], results);
        scanner.Settle(results);
        scanner.End(results);
        FindingException.ThrowUnless(!scanner.HasPending, "bytes are held after the end");
        FindingException.ThrowUnless(results.Count <= text.Length, "more results than bytes");
        foreach (var token in results.OfType<FoundToken>())
            FindingException.ThrowUnless(FernetToken.EncodedLength(token.Line.Length) <= text.Length, "a line longer than all text");
    }

    private static void FindEveryLine(ref InputReader reader)
    {
        var piece = 1 + reader.Byte();
        var lines = new List<byte[]>();
        var stream = new MemoryStream();
        Span<byte> iv = stackalloc byte[16];
        while (!reader.Rest.IsEmpty && lines.Count < MostLines)
        {
            iv.Fill((byte)lines.Count);
            lines.Add(reader.Take(reader.Byte()).ToArray());
            stream.Write(Sealed(lines.Count, iv, lines[^1]));
            stream.WriteByte((byte)'\n');
        }

        var results = new List<ScanResult>();
        var scanner = new TokenScanner(Crypto, Key);
        Feed(scanner, stream.ToArray(), piece, results);
        scanner.End(results);
        FindingException.ThrowUnless(results.Count == lines.Count, $"{lines.Count} tokens, {results.Count} results");
        foreach (var (line, result) in lines.Zip(results))
            FindingException.ThrowUnless(result is FoundToken token && token.Line.AsSpan().SequenceEqual(line), "a line was lost or changed");
    }

    private static void Feed(TokenScanner scanner, ReadOnlySpan<byte> bytes, int piece, List<ScanResult> results)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(piece, bytes.Length)..])
            scanner.Feed(bytes[..Math.Min(piece, bytes.Length)], results);
    }
}
