using Sotto.Client.Conversations;
using Sotto.Client.Repairing;
using Sotto.Client.Storage;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Repairing;

/// <summary>A channel in which nobody can go on: the conversation is begun anew in another one, and both come to the same.</summary>
public sealed class ResetTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private TestPair _pair = null!;

    private TestPerson Ann => _pair.Ann;

    private TestPerson Bob => _pair.Bob;

    public async ValueTask InitializeAsync() => _pair = await TestPair.StartAsync(_clock);

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task A_commit_that_does_not_open_closes_the_channel_and_both_go_on_in_one_new_one()
    {
        var (channel, group) = (TestPair.RecordOf(Ann).Channel, TestPair.RecordOf(Ann).Group);
        await _pair.TalkAsync("before");
        await TestPair.PostVoidCommitAsync(Bob);

        await ResetAsync(_pair.Both);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("before, says Ann", "before, says Bob", "after, says Ann", "after, says Bob");
        Assert.NotEqual(channel, TestPair.RecordOf(Ann).Channel);
        foreach (var person in _pair.Both)
        {
            Assert.Single(TestPair.NoticesOf(person), NoticeKind.ChannelDead);
            Assert.Equal(group, Assert.Single(TestPair.RecordOf(person).FormerGroups).Group);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_is_there_first_begins_it_and_the_other_reads_the_old_channel_and_follows(bool annIsFirst)
    {
        var (first, other) = annIsFirst ? (Ann, Bob) : (Bob, Ann);
        await other.StopAsync();
        var conversation = await first.OnlyConversationAsync();
        await conversation.SendAsync("in the old channel");
        await first.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await TestPair.PostVoidCommitAsync(first);
        await ResetAsync(first);
        await (await first.OnlyConversationAsync()).SendAsync("in the new one");

        await other.StartAgainAsync();

        await TestPair.HasAsync(other, "in the new one");
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("in the old channel", "in the new one", "after, says Ann", "after, says Bob");
    }

    [Fact]
    public async Task What_is_written_while_the_channel_is_dead_leaves_in_the_new_one()
    {
        await Bob.StopAsync();
        await TestPair.EditAsync(Bob, record => record with { ResetAt = _clock.GetUtcNow().ToUnixTimeSeconds() });
        await Bob.StartAgainAsync();
        await Ann.StopAsync();
        await TestPair.PostVoidCommitAsync(Bob);
        await TestPair.NoticeAsync(Bob, NoticeKind.ResetNeeded);
        var bobs = await Bob.OnlyConversationAsync();
        var held = await bobs.SendAsync("written into nothing");
        Assert.True(bobs.IsStopped && bobs.NeedsReset);
        await Bob.RestartAsync();

        bobs = await Bob.OnlyConversationAsync();
        Assert.True(await bobs.ResetAsync());
        await Ann.StartAgainAsync();
        await TestPair.HasAsync(Ann, "written into nothing");
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("written into nothing", "after, says Ann", "after, says Bob");
        Assert.Equal(held.Id, (await (await Ann.OnlyConversationAsync()).ReadAsync(10))[0].Id);
        Assert.False(await (await Bob.OnlyConversationAsync()).ResetAsync());
    }

    [Fact]
    public async Task A_channel_that_refuses_the_capability_of_its_own_number_is_dead()
    {
        await _pair.TalkAsync("before");
        await Bob.StopAsync();
        Bob.Around = relays => new RefusingRelays(relays, TestPair.RecordOf(Ann).Channel);
        await Bob.StartAgainAsync();
        await (await Bob.OnlyConversationAsync()).SendAsync("refused there");

        await TestPair.NoticeAsync(Bob, NoticeKind.ConversationReset);
        await TestPair.HasAsync(Ann, "refused there");
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync("before, says Ann", "before, says Bob", "refused there", "after, says Ann", "after, says Bob");
    }

    [Fact]
    public async Task A_second_time_within_a_day_waits_for_the_person()
    {
        await TestPair.PostVoidCommitAsync(Bob);
        await ResetAsync(_pair.Both);
        await _pair.TalkAsync("once");
        await _pair.SettleAsync();
        await TestPair.PostVoidCommitAsync(Ann);

        var asked = await await Task.WhenAny(_pair.Both.Select(async person =>
        {
            await TestPair.NoticeAsync(person, NoticeKind.ResetNeeded);
            return person;
        }));
        await (await asked.OnlyConversationAsync()).ResetAsync();
        await _pair.Both[0].Client.UntilAsync(() => Task.FromResult(TestPair.RecordOf(Ann).FormerGroups.Length == 2)).WaitAsync(TestPerson.Patience);
        await _pair.TalkAsync("twice");
        await _pair.AgreeAsync("once, says Ann", "once, says Bob", "twice, says Ann", "twice, says Bob");
    }

    [Fact]
    public async Task A_Welcome_of_somebody_who_does_not_know_the_epochs_is_refused()
    {
        await UpdateKeysAsync(Ann);
        await TestPair.HasAsync(Bob, "new keys");
        await Bob.Client.UntilAsync(() => Task.FromResult(TestPair.StateOf(Bob).Group.Epoch == TestPair.StateOf(Ann).Group.Epoch)).WaitAsync(TestPerson.Patience);
        await Bob.StopAsync();
        await TestPair.PostVoidCommitAsync(Ann);
        await Ann.Client.UntilAsync(() => Task.FromResult(TestPair.RecordOf(Ann).FormerGroups.Length == 1 && Ann.Client.State.Foundings.IsEmpty)).WaitAsync(TestPerson.Patience);
        await MakeUnknownAsync(Bob);
        var group = TestPair.RecordOf(Bob).Group;
        await Bob.StartAgainAsync();

        await TestPair.NoticeAsync(Bob, NoticeKind.WelcomeRefused);
        Assert.Equal(group, TestPair.RecordOf(Bob).FormerGroups.FirstOrDefault()?.Group ?? TestPair.RecordOf(Bob).Group);
    }

    [Fact]
    public async Task A_conversation_that_a_restored_relay_has_not_got_is_begun_anew_and_the_others_go_on()
    {
        await _pair.TalkAsync("before");
        await using var charlie = await TestPerson.StartAsync("Charlie", time: _clock);
        var invite = await Ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);
        var backup = _pair.Relay.Backup();
        var charlies = await charlie.JoinAsync(invite);
        await Ann.EventAsync<ConversationStarted>();
        await charlie.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
        await charlies.SendAsync("hello");
        await Ann.Client.UntilAsync(async () => (await AnnsAsync("Charlie")) is { IsAnswered: true } found && (await found.ReadAsync(5)).Count == 1).WaitAsync(TestPerson.Patience);
        await (await AnnsAsync("Charlie")).SendAsync("hello Charlie");
        await TestPair.HasAsync(charlie, "hello Charlie");
        await charlie.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await Ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _pair.Relay.StopAsync();

        await _pair.Relay.RestoreAsync(backup);

        await (await AnnsAsync("Bob")).SendAsync("we go on");
        await TestPair.HasAsync(Bob, "we go on");
        await TestPair.NoticeAsync(charlie, NoticeKind.ConversationReset);
        await (await charlie.OnlyConversationAsync()).SendAsync("here again");
        await Ann.Client.UntilAsync(async () => (await (await AnnsAsync("Charlie")).ReadAsync(10)).Any(message => message.Text == "here again")).WaitAsync(TestPerson.Patience);
        await (await AnnsAsync("Charlie")).SendAsync("me too");
        await TestPair.HasAsync(charlie, "me too");
        Assert.Equal(["hello", "hello Charlie", "here again", "me too"], await TestPair.TextsAsync(charlie));
        Assert.Equal(["hello", "hello Charlie", "here again", "me too"], (await (await AnnsAsync("Charlie")).ReadAsync(10)).Select(message => message.Text));
    }

    [Fact]
    public async Task More_commits_than_can_be_brought_back_are_a_reason_to_begin_anew()
    {
        var backup = _pair.Relay.Backup();
        var sent = new List<string>();
        for (var i = 0; i < 22; i++)
        {
            var epoch = TestPair.StateOf(Bob).Group.Epoch.Value;
            _clock.Pass(TimeSpan.FromHours(2));
            sent.Add($"line {i}");
            await (await Bob.OnlyConversationAsync()).SendAsync($"line {i}");
            await Bob.Client.UntilAsync(() => Task.FromResult(TestPair.StateOf(Bob).Group.Epoch.Value > epoch)).WaitAsync(TestPerson.Patience);
            await TestPair.HasAsync(Ann, $"line {i}");
        }

        await _pair.SettleAsync();
        await _pair.Relay.StopAsync();
        await _pair.Relay.RestoreAsync(backup);

        await ResetAsync(_pair.Both);
        await _pair.TalkAsync("after");
        await _pair.AgreeAsync([.. sent, "after, says Ann", "after, says Bob"]);
    }

    [Fact]
    public async Task A_device_that_is_still_in_the_group_of_before_gets_a_new_one()
    {
        await _pair.SettleAsync();
        await Bob.StopAsync();
        var old = Bob.Store.Copy();
        await Bob.StartAgainAsync();
        await TestPair.PostVoidCommitAsync(Bob);
        await ResetAsync(_pair.Both);
        await _pair.TalkAsync("in the second group");
        await _pair.SettleAsync();
        await Bob.StopAsync();
        _clock.Pass(TimeSpan.FromDays(1));

        await using var copy = await TestPerson.OpenAsync("Bob", old, _clock);
        await TestPair.NoticeAsync(copy, NoticeKind.ConversationReset);
        await (await copy.OnlyConversationAsync()).SendAsync("from the copy");
        await TestPair.HasAsync(Ann, "from the copy");
        await (await Ann.OnlyConversationAsync()).SendAsync("to the copy");
        await TestPair.HasAsync(copy, "to the copy");
        await Bob.StartAgainAsync();
    }

    [Fact]
    public void Who_names_an_epoch_wrongly_or_none_that_is_known_was_not_there()
    {
        ResetEpoch[] known = [new(3, new byte[] { 3 }), new(2, new byte[] { 2 })];

        Assert.True(EpochHistory.Proves(known, [new(4, new byte[] { 9 }), new(3, new byte[] { 3 })]));
        Assert.False(EpochHistory.Proves(known, [new(3, new byte[] { 3 }), new(2, new byte[] { 9 })]));
        Assert.False(EpochHistory.Proves(known, [new(4, new byte[] { 4 })]));
        Assert.False(EpochHistory.Proves(known, []));
    }

    [Fact]
    public void Of_two_the_order_in_the_roles_counts_and_then_the_lower_group()
    {
        var (ann, bob) = (TestDevice.Create("Ann").Account, TestDevice.Create("Bob").Account);
        var context = new ConversationContext
        {
            Kind = ConversationKind.Pair,
            Id = default,
            Relay = default,
            Channel = default,
            MailboxKey = default,
            Roles = [new(bob, ConversationRole.Owner), new(ann, ConversationRole.Owner)],
        };

        Assert.True(ResetChain.Precedes(context, new([9], bob.Value), new([1], ann.Value)));
        Assert.False(ResetChain.Precedes(context, new([1], ann.Value), new([9], bob.Value)));
        Assert.True(ResetChain.Precedes(context, new([1], ann.Value), new([2], ann.Value)));
        var admins = context with { Roles = [new(ann, ConversationRole.Admin), new(bob, ConversationRole.Owner)] };
        Assert.True(ResetChain.Precedes(admins, new([9], bob.Value), new([1], ann.Value)));
    }

    private static async Task ResetAsync(params TestPerson[] people)
    {
        foreach (var person in people)
        {
            await person.Client.UntilAsync(() => Task.FromResult(
                TestPair.RecordOf(person) is { FormerGroups.Length: > 0, IsDead: false, SendsAgain: false } && person.Client.State.Foundings.IsEmpty)).WaitAsync(TestPerson.Patience);
        }
    }

    private async Task UpdateKeysAsync(TestPerson person)
    {
        var epoch = TestPair.StateOf(person).Group.Epoch.Value;
        _clock.Pass(TimeSpan.FromHours(2));
        await (await person.OnlyConversationAsync()).SendAsync("new keys");
        await person.Client.UntilAsync(() => Task.FromResult(TestPair.StateOf(person).Group.Epoch.Value > epoch)).WaitAsync(TestPerson.Patience);
    }

    private async Task<Conversation> AnnsAsync(string name) => (await Ann.Client.ConversationsAsync()).Single(conversation => conversation.Name == name);

    /// <summary>A history in which other epochs were.</summary>
    private static async Task MakeUnknownAsync(TestPerson stopped)
    {
        var store = stopped.Store.Reopen();
        foreach (var stored in await store.ReadAsync(StoreTable.Epochs, TestPair.RecordOf(stopped).Group))
        {
            stored.Value[0] ^= 1;
            await store.CommitAsync(new StoreChanges().Save(stored.Key, stored.Value));
        }
    }
}
