using Sotto.Client.Sending;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Joining;

public sealed class TalkTests : IAsyncLifetime
{
    private TestRelay _relay = null!;
    private TestPerson _ann = null!;
    private TestPerson _bob = null!;
    private Conversation _anns = null!;
    private Conversation _bobs = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await TestPerson.RegisterAsync("Ann", _relay);
        _bob = await TestPerson.StartAsync("Bob");
        _bobs = await _bob.JoinAsync(await _ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience));
        _anns = (await _ann.EventAsync<ConversationStarted>()).Conversation;
    }

    public async ValueTask DisposeAsync()
    {
        await _bob.DisposeAsync();
        await _ann.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task A_sender_learns_that_a_message_arrived_and_that_it_was_shown()
    {
        await _bobs.SendAsync("Hello");
        var received = (await _ann.EventAsync<MessageReceived>()).Message;
        await _bob.EventAsync<MessageChanged>(changed => changed.Message.Status == MessageStatus.Delivered);

        await _anns.MarkShownAsync(received.Place);

        await _bob.EventAsync<MessageChanged>(changed => changed.Message.Status == MessageStatus.Read);
        Assert.Equal(MessageStatus.Read, Assert.Single(await _bobs.ReadAsync(10)).Status);
    }

    [Fact]
    public async Task Keys_are_renewed_while_both_talk_and_no_message_is_lost()
    {
        var epoch = _anns.State.Group.Epoch.Value;
        for (var i = 0; i < 50; i++)
        {
            await _bobs.SendAsync($"bob {i}");
            await _anns.SendAsync($"ann {i}");
        }

        await ReceivedAsync(_ann, _anns, 100);
        await ReceivedAsync(_bob, _bobs, 100);
        await _ann.Client.UntilAsync(() => Task.FromResult(_anns.State.Group.Epoch.Value >= epoch + 2)).WaitAsync(TestPerson.Patience);
        await _bobs.SendAsync("after");
        await ReceivedAsync(_ann, _anns, 101);

        var texts = (await _anns.ReadAsync(200)).Select(message => message.Text).ToList();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"bob {i}"), texts.Where(text => text.StartsWith("bob", StringComparison.Ordinal)));
        Assert.Equal(texts.Count, texts.Distinct().Count());
        Assert.DoesNotContain(_ann.Seen.ToList(), happened => happened is NoticeRaised { Kind: not NoticeKind.KeysRenewed });
    }

    [Fact]
    public async Task A_member_that_renewed_its_keys_and_was_started_again_reads_and_writes_with_the_new_capabilities()
    {
        for (var i = 0; i < 25; i++)
            await _bobs.SendAsync($"{i}");
        await _bob.Client.UntilAsync(() => Task.FromResult(_bobs.State.Group.Epoch.Value > 1 && _bobs.State.Record is { RekeyIsDue: false, NextReadCapability: null })).WaitAsync(TestPerson.Patience);

        await _bob.RestartAsync();
        await (await _bob.OnlyConversationAsync()).SendAsync("again");
        await ReceivedAsync(_ann, _anns, 26);
        await _anns.SendAsync("and back");

        Assert.Equal("and back", await _bob.ReadAsync());
    }

    [Fact]
    public async Task Both_away_in_turns_get_everything_when_they_come_back()
    {
        await _ann.StopAsync();
        await _bobs.SendAsync("to Ann, who is away");
        await _bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _bob.StopAsync();
        await _ann.StartAgainAsync();
        var ann = await _ann.OnlyConversationAsync();
        await ReceivedAsync(_ann, ann, 1);
        await ann.SendAsync("to Bob, who is away");
        await _ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _ann.StopAsync();

        await _bob.StartAgainAsync();

        Assert.Equal("to Bob, who is away", await _bob.ReadAsync());
        await _ann.StartAgainAsync();
    }

    [Fact]
    public async Task A_relay_that_was_stopped_and_started_again_delivers_what_was_written_meanwhile()
    {
        await _relay.StopAsync();
        await _bobs.SendAsync("written while it was down");
        await _relay.StartAgainAsync();

        Assert.Equal("written while it was down", await _ann.ReadAsync());
    }

    [Fact]
    public async Task What_a_blocked_contact_sends_is_not_taken()
    {
        await _ann.Client.BlockAsync(_anns, isBlocked: true);
        await _bobs.SendAsync("unwanted");
        await _bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _ann.Client.UntilAsync(() => Task.FromResult(_anns.State.Record.PeerCounters is [{ Last: >= 2 }])).WaitAsync(TestPerson.Patience);
        await _ann.Client.BlockAsync(_anns, isBlocked: false);
        await _bobs.SendAsync("wanted");

        Assert.Equal("wanted", await _ann.ReadAsync());
        Assert.Equal("wanted", Assert.Single(await _anns.ReadAsync(10)).Text);
    }

    [Fact]
    public async Task An_answer_names_the_message_that_it_answers()
    {
        var question = await _bobs.SendAsync("Where?");
        await _ann.ReadAsync();
        await _anns.SendAsync("Here.", question.Id);

        var answer = (await _bob.EventAsync<MessageReceived>()).Message;

        Assert.Equal("Here.", answer.Text);
        Assert.Equal(question.Id, answer.InReplyTo);
    }

    private static Task ReceivedAsync(TestPerson person, Conversation conversation, int count) =>
        person.Client.UntilAsync(async () => (await conversation.ReadAsync(1_000)).Count(message => message.Status != MessageStatus.Waiting) >= count).WaitAsync(TestPerson.Patience);
}
