using Sotto.Terminal.Screen;
using Sotto.Terminal.Tests.Screen;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Typing;

public sealed class KeyReaderTests : IDisposable
{
    private readonly FakeTerminal _terminal = new();
    private readonly ChatScreen _screen;
    private readonly KeyReader _reader;

    public KeyReaderTests()
    {
        _screen = new ChatScreen(_terminal, new ScreenStyle(color: false));
        _screen.Open();
        _reader = new KeyReader(_terminal, new LineEditor(), _screen);
    }

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Entered_lines_are_handed_on_in_order_and_the_hang_up_ends_them()
    {
        _terminal.Send("hello\r\e[200~two\nlines\e[201~\rhalf");
        _terminal.HangUp();
        var outcomes = await All(CancellationToken.None);
        Assert.Collection(
            outcomes,
            first => Assert.Equal(["hello"], Assert.IsType<EditOutcome.Submitted>(first).Lines),
            second => Assert.Equal(["two", "lines"], Assert.IsType<EditOutcome.Submitted>(second).Lines),
            last => Assert.IsType<EditOutcome.EndOfInput>(last));
        Assert.Equal(["> half"], _terminal.Screen.Visible);
    }

    [Fact]
    public async Task The_prompt_is_empty_again_when_a_line_is_handed_on_although_more_keys_wait()
    {
        _terminal.Send("hello\rmore");
        await using var outcomes = _reader.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal([">"], _terminal.Screen.Visible);
    }

    [Fact]
    public async Task A_burst_of_keys_is_drawn_once()
    {
        var before = _terminal.Writes;
        _terminal.Send(string.Concat(Enumerable.Repeat("x\e[D", 30)) + "\e[D\e[D");
        _terminal.HangUp();
        await All(CancellationToken.None);
        Assert.Equal(1, _terminal.Writes - before);
        Assert.Equal((0, 2), _terminal.Screen.Cursor);
    }

    [Theory]
    [InlineData("\x03", typeof(EditOutcome.QuitAsked))]
    [InlineData("ab\x03\x04", typeof(EditOutcome.EndOfInput))]
    public async Task Asking_to_leave_is_handed_on(string keys, Type expected)
    {
        _terminal.Send(keys);
        await using var outcomes = _reader.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await outcomes.MoveNextAsync());
        Assert.IsType(expected, outcomes.Current);
    }

    [Fact]
    public async Task Clearing_the_window_is_done_at_once_and_keeps_the_typed_line()
    {
        _screen.Print(ChatLine.Notice("old"));
        _terminal.Send("ab\fc");
        _terminal.HangUp();
        await All(CancellationToken.None);
        Assert.Equal(["> abc"], _terminal.Screen.Visible);
        Assert.Equal(["· old", "> abc"], _terminal.Screen.All);
    }

    [Fact]
    public async Task Cancelled_it_stops_and_no_key_is_lost()
    {
        using var cancel = new CancellationTokenSource();
        _terminal.Send("one\r");
        await using (var outcomes = _reader.ReadAsync(cancel.Token).GetAsyncEnumerator(CancellationToken.None))
        {
            Assert.True(await outcomes.MoveNextAsync());
            var next = outcomes.MoveNextAsync();
            Assert.False(next.IsCompleted);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }
        _terminal.Send("two\r");
        _terminal.HangUp();
        Assert.Equal(["two"], Assert.IsType<EditOutcome.Submitted>((await All(CancellationToken.None))[0]).Lines);
    }

    [Fact]
    public async Task A_line_that_arrives_while_somebody_types_does_not_break_what_is_typed()
    {
        await using var outcomes = _reader.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        var next = outcomes.MoveNextAsync();
        _terminal.Send("hel");
        _screen.Print(ChatLine.Peer("bob", "are you there?"));
        _terminal.Send("lo\r");
        Assert.True(await next);
        Assert.Equal(["hello"], Assert.IsType<EditOutcome.Submitted>(outcomes.Current).Lines);
        Assert.Equal(["<bob> are you there?", ">"], _terminal.Screen.Visible);
    }

    private async Task<List<EditOutcome>> All(CancellationToken cancellationToken)
    {
        var outcomes = new List<EditOutcome>();
        await foreach (var outcome in _reader.ReadAsync(cancellationToken))
            outcomes.Add(outcome);
        return outcomes;
    }
}
