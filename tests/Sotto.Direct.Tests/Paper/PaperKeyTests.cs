using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

public sealed class PaperKeyTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly PaperKey _paper;

    public PaperKeyTests() => _paper = new PaperKey(TestCrypto.Provider, _key, _time);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_fresh_token_is_a_line()
    {
        var madeAt = _time.Seconds;
        Assert.Equal(new PaperLine("hello"u8.ToArray(), madeAt), Judge(Token("hello")));
    }

    [Fact]
    public void A_token_is_taken_until_it_is_a_minute_old()
    {
        var (atLimit, tooOld) = (Token("a"), Token("b"));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.IsType<PaperLine>(Judge(atLimit));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new PaperRefused(PaperRefusal.TooOld), Judge(tooOld));
    }

    [Fact]
    public void A_token_may_be_a_minute_ahead()
    {
        Assert.IsType<PaperLine>(Judge(PaperTokens.Of(_key, "a", _time.Seconds + 60)));
        Assert.Equal(new PaperRefused(PaperRefusal.FromTheFuture), Judge(PaperTokens.Of(_key, "b", _time.Seconds + 61)));
    }

    [Fact]
    public void A_repeated_token_is_refused_at_every_second_of_its_life_and_after()
    {
        var token = PaperTokens.Of(_key, "once", _time.Seconds + 60);
        Assert.IsType<PaperLine>(Judge(token));
        for (var second = 0; second <= 120; second++)
        {
            Assert.Equal(new PaperRefused(PaperRefusal.SeenBefore), Judge(token));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(new PaperRefused(PaperRefusal.TooOld), Judge(token));
    }

    [Fact]
    public void The_same_text_in_another_token_is_another_line()
    {
        Assert.IsType<PaperLine>(Judge(Token("yes")));
        Assert.IsType<PaperLine>(Judge(Token("yes")));
    }

    [Fact]
    public void A_token_of_our_own_that_comes_back_is_refused() =>
        Assert.Equal(new PaperRefused(PaperRefusal.SeenBefore), Judge(_paper.Seal("mine"u8)));

    [Fact]
    public void A_token_of_our_own_opens_with_the_key_and_has_the_present_time()
    {
        var token = _paper.Seal("mine"u8);
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        Assert.True(FernetToken.TryDecrypt(TestCrypto.Provider, _key.Bytes, token, plaintext, out var written, out var madeAt));
        Assert.Equal("mine", Encoding.UTF8.GetString(plaintext, 0, written));
        Assert.Equal(_time.Seconds, madeAt);
    }

    [Fact]
    public void Remembered_tokens_are_forgotten_when_their_age_refuses_them_even_with_a_clock_set_back()
    {
        var seen = new SeenTokens(TokenAge.Paper, 10);
        Assert.Null(seen.Receive(1, 1000, 1000));
        Assert.Equal(PaperRefusal.SeenBefore, seen.Receive(1, 1000, 1120));
        Assert.Equal(1, seen.Count);
        Assert.Null(seen.Receive(2, 1121, 1121));
        Assert.Equal(1, seen.Count);
    }

    [Fact]
    public void More_tokens_than_can_be_remembered_are_refused_and_none_is_taken_twice()
    {
        var seen = new SeenTokens(TokenAge.Paper, 3);
        Assert.Null(seen.Receive(1, 1000, 1000));
        Assert.Null(seen.Receive(2, 1000, 1000));
        Assert.Null(seen.Receive(3, 1000, 1000));
        Assert.Equal(PaperRefusal.TooMany, seen.Receive(4, 1000, 1000));
        Assert.Equal(PaperRefusal.SeenBefore, seen.Receive(1, 1000, 1000));
        seen.Send(5, 1000);
        Assert.Equal(PaperRefusal.SeenBefore, seen.Receive(5, 1000, 1000));
        Assert.Null(seen.Receive(6, 1121, 1121));
    }

    [Fact]
    public void Every_refusal_has_a_sentence_of_its_own()
    {
        var sentences = Enum.GetValues<PaperRefusal>().Select(reason => new PaperRefused(reason).Sentence).ToList();
        Assert.Equal(sentences.Count, sentences.Distinct().Count());
        Assert.All(sentences, s => Assert.EndsWith(".", s, StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_is_equal_to_one_with_the_same_bytes_and_shows_none_of_them()
    {
        var line = new PaperLine("secret"u8.ToArray(), 5);
        Assert.Equal(line, new PaperLine("secret"u8.ToArray(), 5));
        Assert.Equal(line.GetHashCode(), new PaperLine("secret"u8.ToArray(), 5).GetHashCode());
        Assert.NotEqual(line, new PaperLine("Secret"u8.ToArray(), 5));
        Assert.NotEqual(line, new PaperLine("secret"u8.ToArray(), 6));
        Assert.Equal("PaperLine (6 bytes)", line.ToString());
    }

    private byte[] Token(string line) => PaperTokens.Of(_key, line, _time.Seconds);

    private PaperEvent Judge(byte[] token)
    {
        var results = new List<ScanResult>();
        _paper.NewScanner().Feed(token, results);
        return _paper.Judge(Assert.Single(results));
    }
}
