using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

/// <summary>Tokens for tests, made without the code under test keeping record of them.</summary>
internal static class PaperTokens
{
    public static byte[] Of(FernetKey key, string line, long madeAt = 1_700_000_000) => Of(key, Encoding.UTF8.GetBytes(line), madeAt);

    public static byte[] Of(FernetKey key, byte[] line, long madeAt = 1_700_000_000)
    {
        var token = new byte[FernetToken.EncodedLength(line.Length)];
        FernetToken.Encrypt(TestCrypto.Provider, key.Bytes, madeAt, line, token);
        return token;
    }

    /// <summary>The lines among results, as text.</summary>
    public static List<string> Lines(this IEnumerable<ScanResult> results) =>
        [.. results.OfType<FoundToken>().Select(t => Encoding.UTF8.GetString(t.Line))];

    public static List<PaperRefusal> Refusals(this IEnumerable<ScanResult> results) =>
        [.. results.OfType<SkippedBytes>().Select(s => s.Reason)];

    /// <summary>A changed copy: the character in the middle is another one of the alphabet.</summary>
    public static byte[] Changed(byte[] token)
    {
        var changed = (byte[])token.Clone();
        changed[changed.Length / 2] = changed[changed.Length / 2] == 'A' ? (byte)'B' : (byte)'A';
        return changed;
    }
}
