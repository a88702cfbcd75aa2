using Sotto.Direct.Conversations;

namespace Sotto.Direct.Tests.Conversations;

public sealed class LineOutboxTests : IDisposable
{
    private readonly LineOutbox _outbox = new();

    public void Dispose() => _outbox.Dispose();

    [Fact]
    public async Task What_was_sent_and_not_confirmed_is_sent_again_in_order_after_a_rewind()
    {
        await AddAsync("a", "b", "c");
        Assert.Equal(["a", "b"], Take(2));
        Assert.True(_outbox.TryConfirm(1));
        Assert.Equal(1, _outbox.Rewind());
        Assert.Equal(["b", "c"], Take(5));
        Assert.Equal(2, _outbox.Unconfirmed);
    }

    [Fact]
    public async Task A_confirmation_of_what_was_not_sent_or_taken_back_is_refused_and_changes_nothing()
    {
        await AddAsync("a", "b", "c");
        Take(2);
        Assert.False(_outbox.TryConfirm(3));
        Assert.False(_outbox.TryConfirm(long.MaxValue));
        Assert.True(_outbox.TryConfirm(2));
        Assert.False(_outbox.TryConfirm(1));
        Assert.True(_outbox.TryConfirm(2));
        Assert.Equal(1, _outbox.Unconfirmed);
    }

    [Fact]
    public async Task In_a_new_conversation_the_rest_is_numbered_from_one()
    {
        await AddAsync("a", "b", "c");
        Take(2);
        _outbox.TryConfirm(1);
        Assert.Equal(1, _outbox.Renumber());
        Assert.True(_outbox.TryNext(out var first));
        Assert.Equal(1, first.Number);
        Assert.Equal(2, _outbox.LastNumber);
    }

    [Fact]
    public async Task A_full_outbox_waits_until_something_is_confirmed()
    {
        for (var i = 0; i < LineOutbox.MaxLines; i++)
            await AddAsync("x");
        var waiting = _outbox.AddAsync("y"u8.ToArray(), LineShape.Line, default).AsTask();
        Assert.False(waiting.IsCompleted);
        Take(1);
        _outbox.TryConfirm(1);
        Assert.Equal(LineOutbox.MaxLines + 1, await waiting);
    }

    private async Task AddAsync(params string[] texts)
    {
        foreach (var text in texts)
            await _outbox.AddAsync(System.Text.Encoding.UTF8.GetBytes(text), LineShape.Line, default);
    }

    private List<string> Take(int count)
    {
        var taken = new List<string>();
        while (taken.Count < count && _outbox.TryNext(out var line))
            taken.Add(System.Text.Encoding.UTF8.GetString(line.Text.Span));
        return taken;
    }
}
