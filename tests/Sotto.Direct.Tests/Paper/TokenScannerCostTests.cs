using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

/// <summary>How much an attacker without the key can make the scanner compute: counted in bytes that go through the MAC.</summary>
public sealed class TokenScannerCostTests : IDisposable
{
    /// <summary>What a byte may cost: 64 on credit, and the likely ends, each tried once or twice.</summary>
    private const int MostPerByte = 64 + 4;

    /// <summary>The credit that a new scanner has.</summary>
    private const long Advance = 64L * TokenScanner.LongestToken;

    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("gAAAAA", 0, "", 1_000_000)]
    [InlineData("gAAAAA", 58, "", 1_000_000)]
    [InlineData("gAAAAA", 58, "=", 1_000_000)]
    [InlineData("gAAAAA", 134, "", 1_000_000)]
    [InlineData("gAAAAA", 134, "\n", 1_000_000)]
    [InlineData("gAAAAA", 94, "=", 1_000_000)]
    [InlineData("gAAAAA", 94, "==", 1_000_000)]
    [InlineData("gAAAAA", 64_000, "\n", 1_000_000)]
    public void What_looks_like_tokens_costs_in_proportion_to_its_length(string beginning, int filling, string end, int total)
    {
        var unit = beginning + new string('x', filling) + end;
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(unit, total / unit.Length)));
        foreach (var chunk in (int[])[64, 4096, 65_536])
        {
            var crypto = new CountingCrypto(TestCrypto.Provider);
            var scanner = new TokenScanner(crypto, _key);
            foreach (var piece in bytes.Chunk(chunk))
                scanner.Feed(piece, []);
            scanner.End([]);
            Assert.InRange(crypto.MacBytes, 0, Advance + (long)bytes.Length * MostPerByte);
        }
    }

    [Fact]
    public void A_token_is_still_found_when_an_attacker_has_used_up_the_credit()
    {
        var scanner = new TokenScanner(TestCrypto.Provider, _key);
        var results = new List<ScanResult>();
        var flood = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("gAAAAA" + new string('x', 58), 10_000)));
        foreach (var line in (string[])["one", "line two is longer", "the third line, which has more than 32 bytes"])
        {
            scanner.Feed(flood, results);
            scanner.Feed(PaperTokens.Of(_key, line), results);
            scanner.Settle(results);
        }

        Assert.Equal(3, results.Lines().Count);
    }

    [Fact]
    public void Honest_tokens_in_one_read_cost_one_MAC_each()
    {
        var crypto = new CountingCrypto(TestCrypto.Provider);
        var scanner = new TokenScanner(crypto, _key);
        var results = new List<ScanResult>();
        byte[] bytes = [.. Enumerable.Range(0, 100).SelectMany(n => PaperTokens.Of(_key, new byte[n]))];
        scanner.Feed(bytes, results);
        Assert.Equal(100, results.Lines().Count);
        Assert.InRange(crypto.MacBytes, 0, bytes.Length);
    }
}
