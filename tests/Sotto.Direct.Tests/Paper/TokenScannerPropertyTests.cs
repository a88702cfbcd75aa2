using CsCheck;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

public sealed class TokenScannerPropertyTests : IDisposable
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly string[] _marks = ["gAAAAA", "gAAAAAgAAAAA", "gAA", "=", "==", "===", "\n", "\r\n", " "];

    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly FernetKey _otherKey = FernetKey.Generate(TestCrypto.Provider);

    public void Dispose()
    {
        _key.Dispose();
        _otherKey.Dispose();
    }

    [Fact]
    public void Any_tokens_in_any_pieces_with_any_garbage_between_give_exactly_the_lines_in_order()
    {
        Gen.Select(Part.Array[0, 12], Pieces).Sample((parts, pieces) =>
        {
            var results = Scan([.. parts.SelectMany(p => p.Bytes)], pieces);
            var expected = parts.Where(p => p.Line is not null).Select(p => Convert.ToHexString(p.Line!));
            Assert.Equal(expected, results.OfType<FoundToken>().Select(t => Convert.ToHexString(t.Line)));
        }, iter: 3000);
    }

    [Fact]
    public void Tokens_alone_in_any_pieces_give_the_lines_and_no_refusal()
    {
        Gen.Select(Gen.Byte.Array[0, 300].Array[0, 20], Pieces).Sample((lines, pieces) =>
        {
            var results = Scan([.. lines.SelectMany(l => PaperTokens.Of(_key, l))], pieces);
            Assert.Equal(lines.Select(Convert.ToHexString), results.OfType<FoundToken>().Select(t => Convert.ToHexString(t.Line)));
            Assert.Empty(results.Refusals());
        }, iter: 1000);
    }

    [Fact]
    public void Arbitrary_bytes_give_no_line_no_exception_and_no_more_reports_than_bytes()
    {
        Gen.Select(Garbage.Array[0, 20], Pieces).Sample((parts, pieces) =>
        {
            byte[] bytes = [.. parts.SelectMany(p => p)];
            var results = Scan(bytes, pieces);
            Assert.Empty(results.Lines());
            Assert.True(results.Count <= bytes.Length);
        }, iter: 3000);
    }

    /// <summary>Sizes of pieces; 0 stands for a time of quiet.</summary>
    private static Gen<int[]> Pieces => Gen.OneOf(
        Gen.Const((int[])[1]),
        Gen.Const((int[])[4096]),
        Gen.Int[0, 200].Array[1, 10].Where(sizes => sizes.Any(s => s > 0)));

    private Gen<(byte[] Bytes, byte[]? Line)> Part => Gen.OneOf(
        Gen.Byte.Array[0, 150].Select(line => (PaperTokens.Of(_key, line), (byte[]?)line)),
        Garbage.Select(bytes => (bytes, (byte[]?)null)));

    private Gen<byte[]> Garbage => Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Gen.Char[Alphabet].Array[0, 200].Select(text => text.Select(c => (byte)c).ToArray()),
        Gen.Byte.Array[0, 100].Select(line => PaperTokens.Of(_otherKey, line)),
        Gen.Byte.Array[0, 100].Select(line => PaperTokens.Changed(PaperTokens.Of(_key, line))),
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[1, 99]).Select((line, kept) => PaperTokens.Of(_otherKey, line)[..kept]),
        Gen.Int[0, _marks.Length - 1].Select(n => System.Text.Encoding.ASCII.GetBytes(_marks[n])));

    private List<ScanResult> Scan(byte[] bytes, int[] pieces)
    {
        var scanner = new TokenScanner(TestCrypto.Provider, _key);
        var results = new List<ScanResult>();
        for (int at = 0, turn = 0; at < bytes.Length; turn++)
        {
            var size = Math.Min(pieces[turn % pieces.Length], bytes.Length - at);
            if (size == 0)
                scanner.Settle(results);
            scanner.Feed(bytes.AsSpan(at, size), results);
            at += size;
        }

        scanner.End(results);
        return results;
    }
}
