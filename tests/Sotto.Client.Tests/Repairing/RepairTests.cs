using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Client.Storage;
using Sotto.Client.Tests.Running;
using Sotto.Mls.State;

namespace Sotto.Client.Tests.Repairing;

/// <summary>A device that cannot follow asks the other person, is taken in again, and both go on as if nothing had been.</summary>
public sealed class RepairTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private TestPair _pair = null!;

    private TestPerson Ann => _pair.Ann;

    private TestPerson Bob => _pair.Bob;

    public async ValueTask InitializeAsync() => _pair = await TestPair.StartAsync(_clock);

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task Who_lost_a_key_and_cannot_open_the_next_path_is_taken_in_again()
    {
        await _pair.TalkAsync("before");
        await Ann.StopAsync();
        await BreakLeafKeyAsync(Ann);
        await UpdateKeysAsync(Bob, "while Ann was away");
        await Ann.StartAgainAsync();

        await TestPair.NoticeAsync(Ann, NoticeKind.Repaired);
        await TestPair.NoticeAsync(Bob, NoticeKind.PeerRepaired);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("before, says Ann", "before, says Bob", "while Ann was away", "after, says Ann", "after, says Bob");
        Assert.Single(TestPair.NoticesOf(Ann), NoticeKind.RepairAsked);
    }

    [Fact]
    public async Task What_the_other_had_not_seen_is_sent_again_and_what_was_written_meanwhile_follows()
    {
        await Bob.StopAsync();
        var ann = await Ann.OnlyConversationAsync();
        await ann.SendAsync("one");
        await Ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await Ann.StopAsync();
        await TestPair.EditAsync(Ann, record => record with { ReadCapability = Fresh.ThirtyTwo(TestPerson.Crypto) });
        await Ann.StartAgainAsync();
        await TestPair.NoticeAsync(Ann, NoticeKind.RepairAsked);
        var written = await (await Ann.OnlyConversationAsync()).SendAsync("two");
        await Bob.StartAgainAsync();

        await TestPair.HasAsync(Bob, "two");
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("one", "two", "after, says Ann", "after, says Bob");
        Assert.Equal(["one", "two"], (await TestPair.TextsAsync(Bob)).Take(2));
        Assert.Contains(written.Id, (await (await Bob.OnlyConversationAsync()).ReadAsync(10)).Select(message => message.Id));
    }

    [Fact]
    public async Task What_is_written_before_the_rest_was_sent_again_waits_behind_it()
    {
        await Bob.StopAsync();
        await (await Ann.OnlyConversationAsync()).SendAsync("one");
        await Ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        var (state, conversation) = (Ann.Client.State, TestPair.StateOf(Ann));
        using (await state.EnterAsync(CancellationToken.None))
        {
            conversation.Record = conversation.Record with { SendsAgain = true };
            await new Contents(state).WriteTextAsync(conversation, "two", null);
            Assert.Empty(state.Outbox);
        }

        state.WakeSession(conversation.Record.Relay);
        await Bob.StartAgainAsync();
        await TestPair.HasAsync(Bob, "two");
        Assert.Equal(["one", "two"], await TestPair.TextsAsync(Bob));
        await _pair.AgreeAsync("one", "two");
    }

    [Fact]
    public async Task An_old_copy_sends_nothing_is_taken_in_again_and_has_a_new_intro_channel()
    {
        await _pair.TalkAsync("one");
        await _pair.SettleAsync();
        await Bob.StopAsync();
        var old = Bob.Store.Copy();
        await Bob.StartAgainAsync();
        await UpdateKeysAsync(Bob, "from the newer one");
        await TestPair.HasAsync(Ann, "from the newer one");
        await Bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        var (note, intro) = (TestPair.RecordOf(Bob).NoteCounter, Bob.Client.State.Relays.Values.Single().Intro.Channel);
        await Bob.StopAsync();

        await using var copy = await TestPerson.OpenAsync("Bob", old, _clock);
        await TestPair.NoticeAsync(copy, NoticeKind.OldCopy);
        await TestPair.NoticeAsync(copy, NoticeKind.Repaired);
        await (await copy.OnlyConversationAsync()).SendAsync("from the copy");
        await TestPair.HasAsync(Ann, "from the copy");
        await (await Ann.OnlyConversationAsync()).SendAsync("to the copy");
        await TestPair.HasAsync(copy, "to the copy");

        Assert.Equal(1, (await TestPair.TextsAsync(Ann)).Count(text => text == "from the copy"));
        Assert.True(TestPair.RecordOf(copy).NoteCounter > note);
        Assert.NotEqual(intro, copy.Client.State.Relays.Values.Single().Intro.Channel);
        Assert.Equal(Verification.Invite, (await copy.OnlyConversationAsync()).Verification);
        await Bob.StartAgainAsync();
    }

    [Fact]
    public async Task A_mailbox_that_somebody_else_claimed_is_said_and_its_owner_gets_a_new_one()
    {
        var mailbox = TestPair.RecordOf(Ann).Mailbox;
        await Ann.StopAsync();
        await TestPair.EditAsync(Ann, record => record with { ClaimToken = record.OldClaimToken, ReadCapability = Fresh.ThirtyTwo(TestPerson.Crypto) });
        await Ann.StartAgainAsync();

        await TestPair.NoticeAsync(Ann, NoticeKind.Repaired);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("after, says Ann", "after, says Bob");
        Assert.Contains(NoticeKind.MailboxTaken, TestPair.NoticesOf(Ann));
        Assert.NotEqual(mailbox, TestPair.RecordOf(Ann).Mailbox);
    }

    [Fact]
    public async Task A_second_request_within_the_hour_waits_for_its_end()
    {
        await AskAsync();
        await TestPair.NoticeAsync(Ann, NoticeKind.Repaired);
        await _pair.TalkAsync("once");
        await _pair.SettleAsync();
        await AskAsync();
        await Bob.Client.UntilAsync(() => Task.FromResult(TestPair.RecordOf(Bob).RepairsAsked.Length == 1)).WaitAsync(TestPerson.Patience);
        await (await Bob.OnlyConversationAsync()).SendAsync("while it waits");
        await Bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        var before = TestPair.RecordOf(Bob).RepairsAnswered.Single();
        Assert.DoesNotContain(NoticeKind.Repaired, TestPair.NoticesOf(Ann).Skip(TestPair.NoticesOf(Ann).LastIndexOf(NoticeKind.RepairAsked)));

        _clock.Pass(TimeSpan.FromHours(1));
        await Bob.RestartAsync();

        await TestPair.HasAsync(Ann, "while it waits");
        await _pair.TalkAsync("twice");
        await _pair.AgreeAsync("once, says Ann", "once, says Bob", "while it waits", "twice, says Ann", "twice, says Bob");
        Assert.True(TestPair.RecordOf(Bob).RepairsAnswered.Single().Number > before.Number);
    }

    [Fact]
    public async Task A_request_that_nobody_answered_is_made_again_after_twenty_days()
    {
        await Bob.StopAsync();
        await AskAsync();
        await Ann.Client.UntilAsync(() => Task.FromResult(TestPair.RecordOf(Ann).Repair is { IsSent: true })).WaitAsync(TestPerson.Patience);
        var number = TestPair.RecordOf(Ann).RepairNumber;
        await Ann.RestartAsync();
        Assert.Equal(number, TestPair.RecordOf(Ann).RepairNumber);

        _clock.Pass(TimeSpan.FromDays(20));
        await Ann.RestartAsync();
        await Ann.Client.UntilAsync(() => Task.FromResult(TestPair.RecordOf(Ann) is { Repair.IsSent: true } record && record.RepairNumber > number)).WaitAsync(TestPerson.Patience);
        await Bob.StartAgainAsync();

        await TestPair.NoticeAsync(Ann, NoticeKind.Repaired);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("after, says Ann", "after, says Bob");
    }

    [Fact]
    public async Task When_neither_can_follow_the_conversation_is_begun_anew()
    {
        await _pair.TalkAsync("before");
        await _pair.SettleAsync();
        foreach (var person in _pair.Both)
        {
            await person.StopAsync();
            await TestPair.EditAsync(person, record => record with { ReadCapability = Fresh.ThirtyTwo(TestPerson.Crypto) });
        }

        foreach (var person in _pair.Both)
            await person.StartAgainAsync();

        foreach (var person in _pair.Both)
            await TestPair.NoticeAsync(person, NoticeKind.ConversationReset);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("before, says Ann", "before, says Bob", "after, says Ann", "after, says Bob");
    }

    /// <summary>Ann's mailbox is not hers any more.</summary>
    private async Task AskAsync()
    {
        await Ann.StopAsync();
        await TestPair.EditAsync(Ann, record => record with { ReadCapability = Fresh.ThirtyTwo(TestPerson.Crypto) });
        await Ann.StartAgainAsync();
        await TestPair.NoticeAsync(Ann, NoticeKind.RepairAsked);
    }

    /// <summary>An hour passes, and the next line brings new keys.</summary>
    private async Task UpdateKeysAsync(TestPerson person, string text)
    {
        var epoch = TestPair.StateOf(person).Group.Epoch.Value;
        _clock.Pass(TimeSpan.FromHours(2));
        await (await person.OnlyConversationAsync()).SendAsync(text);
        await person.Client.UntilAsync(() => Task.FromResult(TestPair.StateOf(person).Group.Epoch.Value > epoch)).WaitAsync(TestPerson.Patience);
        await person.Client.FlushAsync().WaitAsync(TestPerson.Patience);
    }

    /// <summary>The last private key in the group's record is that of the second leaf, which is who was added.</summary>
    private static async Task BreakLeafKeyAsync(TestPerson stopped)
    {
        var store = stopped.Store.Reopen();
        var group = TestPair.RecordOf(stopped).Group;
        var record = (await store.ReadAsync(StoreTable.Groups, group)).Single(stored => StoreChanges.ReadGroupKey(stored.Key.Name.Span).Kind == StateKind.Group);
        record.Value[^2] ^= 1;
        await store.CommitAsync(new StoreChanges().Save(record.Key, record.Value));
    }
}
