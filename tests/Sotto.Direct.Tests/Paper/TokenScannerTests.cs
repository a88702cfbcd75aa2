using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

public sealed class TokenScannerTests : IDisposable
{
    /// <summary>Three lines whose tokens end with <c>==</c>, <c>=</c> and nothing.</summary>
    private static readonly string[] _lines = ["one", "line two is longer", "the third line, which has more than 32 bytes"];

    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly TokenScanner _scanner;
    private readonly List<ScanResult> _results = [];

    public TokenScannerTests() => _scanner = new TokenScanner(TestCrypto.Provider, _key);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void The_three_lines_have_the_three_endings()
    {
        var pads = _lines.Select(line => PaperTokens.Of(_key, line).Count(c => c == '='));
        Assert.Equal([2, 1, 0], pads);
    }

    [Fact]
    public void A_token_that_comes_alone_is_found_at_once()
    {
        foreach (var line in _lines)
        {
            _results.Clear();
            _scanner.Feed(PaperTokens.Of(_key, line), _results);
            Assert.Equal([line], _results.Lines());
            Assert.False(_scanner.HasPending);
        }
    }

    [Fact]
    public void Tokens_in_one_read_are_found_in_every_order()
    {
        foreach (var order in Orders(_lines))
        {
            _results.Clear();
            _scanner.Feed(Join(order.Select(line => PaperTokens.Of(_key, line))), _results);
            Assert.Equal(order, _results.Lines());
            Assert.Empty(_results.Refusals());
        }
    }

    [Fact]
    public void Tokens_split_at_every_place_are_found()
    {
        var bytes = Join(_lines.Reverse().Select(line => PaperTokens.Of(_key, line)));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            _results.Clear();
            _scanner.Feed(bytes.AsSpan(0, cut), _results);
            _scanner.Settle(_results);
            _scanner.Feed(bytes.AsSpan(cut), _results);
            Assert.Equal(_lines.Reverse(), _results.Lines());
            Assert.Empty(_results.Refusals());
        }
    }

    [Fact]
    public void Tokens_that_come_byte_by_byte_are_found()
    {
        foreach (var order in Orders(_lines))
        {
            _results.Clear();
            FeedEach(Join(order.Select(line => PaperTokens.Of(_key, line))), 1);
            Assert.Equal(order, _results.Lines());
            Assert.Empty(_results.Refusals());
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n \t")]
    public void Line_breaks_between_tokens_are_understood(string separator)
    {
        var bytes = Join(_lines.Select(line => (byte[])[.. PaperTokens.Of(_key, line), .. Encoding.ASCII.GetBytes(separator)]));
        _scanner.Feed(bytes, _results);
        Assert.Equal(_lines, _results.Lines());
        Assert.Empty(_results.Refusals());
    }

    [Fact]
    public void A_changed_token_is_passed_over_and_reported_once_whatever_its_ending()
    {
        foreach (var bad in _lines)
        {
            foreach (var good in _lines)
            {
                _results.Clear();
                _scanner.Feed([.. PaperTokens.Changed(PaperTokens.Of(_key, bad)), .. PaperTokens.Of(_key, good)], _results);
                Assert.Equal([PaperRefusal.DoesNotOpen], _results.Refusals());
                Assert.Equal([good], _results.Lines());
            }
        }
    }

    [Fact]
    public void Several_changed_tokens_are_reported_once_each()
    {
        var bytes = Join(_lines.Select(line => PaperTokens.Changed(PaperTokens.Of(_key, line))));
        _scanner.Feed(bytes, _results);
        _scanner.End(_results);
        Assert.Equal([PaperRefusal.DoesNotOpen, PaperRefusal.DoesNotOpen, PaperRefusal.DoesNotOpen], _results.Refusals());
        Assert.Empty(_results.Lines());
    }

    [Fact]
    public void A_token_under_another_key_does_not_open()
    {
        using var other = FernetKey.Generate(TestCrypto.Provider);
        foreach (var line in _lines)
        {
            _results.Clear();
            _scanner.Feed([.. PaperTokens.Of(other, line), (byte)'\n'], _results);
            Assert.Equal([PaperRefusal.DoesNotOpen], _results.Refusals());
        }
    }

    [Theory]
    [InlineData("hello there, not a token!")]
    [InlineData("\0\u0001\u0002\u00ff")]
    [InlineData("====")]
    [InlineData("gAAAA")]
    public void Noise_is_reported_once_and_the_next_token_found(string noise)
    {
        _scanner.Feed([.. Encoding.Latin1.GetBytes(noise), .. PaperTokens.Of(_key, "found")], _results);
        Assert.Equal([PaperRefusal.NotAToken], _results.Refusals());
        Assert.Equal(["found"], _results.Lines());
    }

    [Fact]
    public void Text_directly_after_a_token_without_padding_does_not_hide_it()
    {
        _scanner.Feed([.. PaperTokens.Of(_key, _lines[2]), .. "bye"u8], _results);
        Assert.Empty(_results);
        _scanner.Settle(_results);
        Assert.Equal([_lines[2]], _results.Lines());
        Assert.Equal([PaperRefusal.NotAToken], _results.Refusals());
    }

    [Fact]
    public void What_looks_like_a_beginning_does_not_hide_the_token_after_it()
    {
        foreach (var line in _lines)
        {
            _results.Clear();
            _scanner.Feed([.. "gAAAAAgAAAAABgAAAAA"u8, .. PaperTokens.Of(_key, line)], _results);
            Assert.Equal([line], _results.Lines());
            Assert.Equal([PaperRefusal.DoesNotOpen], _results.Refusals());
        }
    }

    [Fact]
    public void What_looks_like_a_beginning_inside_a_token_does_not_hide_the_token()
    {
        foreach (var line in _lines)
        {
            var token = TokenWithABeginningInside(line);
            _results.Clear();
            _scanner.Feed([.. token, (byte)'\n'], _results);
            Assert.Equal([line], _results.Lines());
            Assert.Empty(_results.Refusals());
        }
    }

    [Fact]
    public void Half_a_token_is_kept_while_it_is_quiet_and_reported_when_the_connection_ends()
    {
        var token = PaperTokens.Of(_key, _lines[0]);
        _scanner.Feed(token.AsSpan(0, 70), _results);
        _scanner.Settle(_results);
        _scanner.Settle(_results);
        Assert.Empty(_results);
        Assert.True(_scanner.HasPending);

        _scanner.End(_results);
        Assert.Equal([PaperRefusal.DoesNotOpen], _results.Refusals());
        Assert.False(_scanner.HasPending);
    }

    [Theory]
    [InlineData(TokenScanner.LongestToken - 8, 1)]
    [InlineData(TokenScanner.LongestToken - 28, 2)]
    [InlineData(TokenScanner.LongestToken - 52, 0)]
    public void The_longest_tokens_are_understood(int length, int pads)
    {
        var token = PaperTokens.Of(_key, new byte[FernetToken.MaxPlaintextLength(length) - 1]);
        Assert.Equal(length, token.Length);
        Assert.Equal(pads, token.Count(c => c == '='));
        FeedEach([.. token, .. PaperTokens.Of(_key, "next")], 1000);
        Assert.Equal(2, _results.Lines().Count);
        Assert.Empty(_results.Refusals());
    }

    [Fact]
    public void Text_without_end_is_one_error_and_the_next_token_is_found()
    {
        byte[] endless = [.. "gAAAAA"u8, .. Enumerable.Repeat((byte)'x', 300_000), .. "gAA"u8];
        FeedEach([.. endless, .. PaperTokens.Of(_key, "found")], 4096);
        Assert.Equal([PaperRefusal.TooLong], _results.Refusals());
        Assert.Equal(["found"], _results.Lines());
    }

    [Fact]
    public void A_token_longer_than_the_limit_is_one_error_and_the_next_token_is_found()
    {
        FeedEach([.. PaperTokens.Of(_key, new byte[100_000]), .. PaperTokens.Of(_key, "found")], 4096);
        Assert.Equal(PaperRefusal.TooLong, _results.Refusals()[0]);
        Assert.Equal(["found"], _results.Lines());
    }

    private void FeedEach(byte[] bytes, int size)
    {
        foreach (var chunk in bytes.Chunk(size))
            _scanner.Feed(chunk, _results);
    }

    private byte[] TokenWithABeginningInside(string line)
    {
        // The IV follows nine bytes, that is twelve characters; it is free to hold what decodes from the beginning.
        var iv = new byte[16];
        System.Buffers.Text.Base64Url.DecodeFromUtf8("gAAAAABBBBBBBBBBBBBB"u8, iv);
        var plaintext = Encoding.UTF8.GetBytes(line);
        var token = new byte[FernetToken.EncodedLength(plaintext.Length)];
        FernetToken.Encrypt(TestCrypto.Provider, _key.Bytes, 1_700_000_000, iv, plaintext, token);
        Assert.Equal("gAAAAA", Encoding.ASCII.GetString(token, 12, 6));
        return token;
    }

    private static byte[] Join(IEnumerable<byte[]> parts) => [.. parts.SelectMany(p => p)];

    private static IEnumerable<string[]> Orders(string[] lines) =>
        from a in lines from b in lines from c in lines select (string[])[a, b, c];
}
