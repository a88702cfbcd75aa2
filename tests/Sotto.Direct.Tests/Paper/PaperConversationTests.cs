using System.Net;
using System.Net.Sockets;
using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

/// <summary>A conversation on one end of a loopback connection, with a bare socket on the other.</summary>
public sealed class PaperConversationTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly PaperKey _paper;
    private PaperConversation _conversation = null!;
    private IAsyncEnumerator<PaperEvent> _events = null!;
    private Socket _peer = null!;

    public PaperConversationTests() => _paper = new PaperKey(TestCrypto.Provider, _key, _time);

    public async ValueTask InitializeAsync()
    {
        (_conversation, _peer) = await ConnectAsync();
        _events = _conversation.ReadEventsAsync(default).GetAsyncEnumerator();
    }

    public async ValueTask DisposeAsync()
    {
        await _conversation.DisposeAsync();
        _peer.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Both_sides_talk_at_the_same_time()
    {
        await SayAsync("to the peer");
        await _peer.SendAsync(Token("from the peer"));
        Assert.Equal("from the peer", await LineAsync());
        Assert.Equal("to the peer", await PeerReadsAsync());
    }

    [Fact]
    public async Task Lines_that_arrive_together_come_out_one_by_one_in_order()
    {
        var lines = Enumerable.Range(0, 50).Select(n => new string('x', n * 3)).ToList();
        await _peer.SendAsync(lines.SelectMany(Token).ToArray());
        foreach (var line in lines)
            Assert.Equal(line, await LineAsync());
    }

    [Fact]
    public async Task Text_after_a_token_is_settled_by_a_short_quiet_time()
    {
        var line = new string('x', 40);
        var next = _events.MoveNextAsync();
        await _peer.SendAsync((byte[])[.. Token(line), .. "bye"u8]);
        Assert.Equal(PaperLimits.QuietTime, await _time.NextTimerAsync());
        _time.Advance(PaperLimits.QuietTime);
        Assert.True(await next);
        Assert.Equal(line, TextOf(_events.Current));
        Assert.Equal(new PaperRefused(PaperRefusal.NotAToken), await NextAsync());
    }

    [Fact]
    public async Task A_token_that_comes_in_two_halves_with_a_long_pause_is_one_line()
    {
        var token = Token("in two halves");
        var next = _events.MoveNextAsync();
        await _peer.SendAsync(token.AsMemory(0, 50));
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        await _peer.SendAsync(token.AsMemory(50));
        Assert.True(await next);
        Assert.Equal("in two halves", TextOf(_events.Current));
    }

    [Fact]
    public async Task Old_repeated_and_wrong_tokens_are_told_and_the_talk_goes_on()
    {
        var token = Token("once");
        await _peer.SendAsync((byte[])[.. token, .. token, .. PaperTokens.Of(_key, "old", _time.Seconds - 61), .. PaperTokens.Changed(token), .. Token("next")]);
        Assert.Equal("once", await LineAsync());
        Assert.Equal(new PaperRefused(PaperRefusal.SeenBefore), await NextAsync());
        Assert.Equal(new PaperRefused(PaperRefusal.TooOld), await NextAsync());
        Assert.Equal(new PaperRefused(PaperRefusal.DoesNotOpen), await NextAsync());
        Assert.Equal("next", await LineAsync());
    }

    [Fact]
    public async Task Our_own_token_sent_back_is_refused()
    {
        await SayAsync("mirror");
        var buffer = new byte[4096];
        var count = await _peer.ReceiveAsync(buffer);
        await _peer.SendAsync(buffer.AsMemory(0, count));
        Assert.Equal(new PaperRefused(PaperRefusal.SeenBefore), await NextAsync());
    }

    [Fact]
    public async Task A_token_recorded_in_one_conversation_is_refused_in_the_next()
    {
        var token = Token("recorded");
        await _peer.SendAsync(token);
        Assert.Equal("recorded", await LineAsync());

        var (second, attacker) = await ConnectAsync();
        await attacker.SendAsync(token);
        await using var events = second.ReadEventsAsync(default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new PaperRefused(PaperRefusal.SeenBefore), events.Current);
        await second.DisposeAsync();
        attacker.Dispose();
    }

    [Fact]
    public async Task An_end_sends_what_is_queued_then_closes_and_waits_for_the_peer()
    {
        await SayAsync("one");
        await SayAsync("two");
        var ending = _conversation.CompleteAsync(TimeSpan.FromSeconds(5), default);
        Assert.Equal("one", await PeerReadsAsync());
        await _time.NextTimerAsync();
        _time.Advance(PaperLimits.Pause);
        Assert.Equal("two", await PeerReadsAsync());
        Assert.Equal(0, await _peer.ReceiveAsync(new byte[1]));

        await _peer.SendAsync(Token("last word"));
        _peer.Shutdown(SocketShutdown.Send);
        Assert.Equal("last word", await LineAsync());
        Assert.Equal(new PaperClosed(true), await NextAsync());
        Assert.False(await _events.MoveNextAsync());
        Assert.Equal(PaperEnding.Complete, await ending);
    }

    [Fact]
    public async Task A_peer_that_stays_is_waited_for_up_to_the_limit()
    {
        var limit = TimeSpan.FromSeconds(5);
        var ending = _conversation.CompleteAsync(limit, default);
        Assert.Equal(0, await _peer.ReceiveAsync(new byte[1]));
        Assert.Equal(limit, await _time.NextTimerAsync());
        _time.Advance(limit);
        Assert.Equal(PaperEnding.PeerStayed, await ending);
    }

    [Fact]
    public async Task A_peer_that_has_closed_its_side_still_receives()
    {
        _peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(new PaperClosed(true), await NextAsync());
        await SayAsync("still here");
        Assert.Equal("still here", await PeerReadsAsync());
        Assert.Equal(PaperEnding.Complete, await _conversation.CompleteAsync(TimeSpan.FromSeconds(5), default));
    }

    [Fact]
    public async Task A_connection_that_ends_in_the_middle_of_a_token_says_so_and_shows_nothing()
    {
        await _peer.SendAsync(Token("cut").AsMemory(0, 90));
        _peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(new PaperRefused(PaperRefusal.DoesNotOpen), await NextAsync());
        Assert.Equal(new PaperClosed(true), await NextAsync());
    }

    [Fact]
    public async Task A_reset_connection_is_an_event_and_not_an_exception()
    {
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Dispose();
        Assert.Equal(new PaperClosed(false), await NextAsync());
    }

    [Fact]
    public async Task After_dispose_the_reader_ends_and_no_line_is_taken()
    {
        var next = _events.MoveNextAsync();
        await _conversation.DisposeAsync();
        Assert.True(await next);
        Assert.Equal(new PaperClosed(false), _events.Current);
        await Assert.ThrowsAsync<PaperException>(() => SayAsync("late"));
    }

    [Fact]
    public async Task Lines_that_a_dispose_left_behind_are_not_called_complete()
    {
        await SayAsync("sent");
        await SayAsync("held back by the pause");
        var ending = _conversation.CompleteAsync(TimeSpan.FromSeconds(5), default);
        Assert.Equal("sent", await PeerReadsAsync());
        await _conversation.DisposeAsync();
        Assert.Equal(PaperEnding.Broken, await ending);
    }

    [Fact]
    public async Task A_reset_instead_of_a_polite_end_is_not_called_complete()
    {
        var ending = _conversation.CompleteAsync(TimeSpan.FromSeconds(5), default);
        Assert.Equal(0, await _peer.ReceiveAsync(new byte[1]));
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Dispose();
        Assert.Equal(new PaperClosed(false), await NextAsync());
        Assert.Equal(PaperEnding.Broken, await ending);
    }

    [Fact]
    public async Task A_reader_that_was_cancelled_can_be_followed_by_another_and_loses_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var impatient = _conversation.ReadEventsAsync(cancel.Token).GetAsyncEnumerator();
        var next = impatient.MoveNextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);

        await _peer.SendAsync(Token("not lost"));
        Assert.Equal("not lost", await LineAsync());
    }

    [Fact]
    public void The_warning_names_every_weakness()
    {
        foreach (var word in (string[])["One key", "forward secrecy", "identity", "Repeated", "length", "port"])
            Assert.Contains(word, PaperWarning.Text, StringComparison.Ordinal);
    }

    private byte[] Token(string line) => PaperTokens.Of(_key, line, _time.Seconds);

    private Task SayAsync(string line) => _conversation.SendAsync(Encoding.UTF8.GetBytes(line), default).AsTask();

    private async Task<string> PeerReadsAsync()
    {
        var buffer = new byte[4096];
        var count = await _peer.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        var plaintext = new byte[FernetToken.MaxPlaintextLength(count)];
        Assert.True(FernetToken.TryDecrypt(TestCrypto.Provider, _key.Bytes, buffer.AsSpan(0, count), plaintext, out var written, out _));
        return Encoding.UTF8.GetString(plaintext, 0, written);
    }

    private async Task<PaperEvent> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync());
        return _events.Current;
    }

    private async Task<string> LineAsync() => TextOf(await NextAsync());

    private static string TextOf(PaperEvent happened) => Encoding.UTF8.GetString(Assert.IsType<PaperLine>(happened).Line.Span);

    private async Task<(PaperConversation Conversation, Socket Peer)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = PaperConversation.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, _paper, default);
        var peer = await listener.AcceptSocketAsync();
        return (await connecting, peer);
    }
}
