using Sotto.Client.Sending;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Restoring;

/// <summary>The relay is restored from a backup, and both go on.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private TestRelay _relay = null!;
    private TestPerson _ann = null!;
    private TestPerson _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await TestPerson.RegisterAsync("Ann", _relay);
        _bob = await TestPerson.StartAsync("Bob");
        await _bob.JoinAsync(await _ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience));
        await _ann.EventAsync<ConversationStarted>();
    }

    public async ValueTask DisposeAsync()
    {
        await _bob.DisposeAsync();
        await _ann.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commits_and_messages_that_the_backup_lacks_come_back_whoever_comes_first(bool annIsFirst)
    {
        await TalkAsync("before", 2);
        var backup = _relay.Backup();
        var epoch = await EpochAsync(_ann);
        await TalkAsync("lost", 25);
        await _ann.Client.UntilAsync(async () => await EpochAsync(_ann) > epoch).WaitAsync(TestPerson.Patience);
        await _ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _ann.StopAsync();
        await (await _bob.OnlyConversationAsync()).SendAsync("nobody but the relay has this");
        await _bob.Client.UntilAsync(async () => (await (await _bob.OnlyConversationAsync()).ReadAsync(1))[0].Status == MessageStatus.Sent).WaitAsync(TestPerson.Patience);
        await _bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await _bob.StopAsync();
        await _relay.StopAsync();

        await _relay.RestoreAsync(backup);
        foreach (var person in annIsFirst ? (TestPerson[])[_ann, _bob] : [_bob, _ann])
        {
            await person.StartAgainAsync();
            await person.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
        }

        await ReceivedAsync(_ann, 28, "nobody but the relay has this");
        await TalkAsync("after", 25);
        var (bobs, anns) = (await TextsAsync(_bob), await TextsAsync(_ann));
        Assert.Equal(bobs.Order(StringComparer.Ordinal), anns.Order(StringComparer.Ordinal));
        Assert.Equal(105, (await TextsAsync(_ann)).Distinct().Count());
        foreach (var person in (TestPerson[])[_ann, _bob])
        {
            Assert.Single(Notices(person), NoticeKind.RelayRestored);
            Assert.DoesNotContain(Notices(person), kind => kind is not (NoticeKind.RelayRestored or NoticeKind.KeysRenewed));
        }
    }

    [Fact]
    public async Task An_account_and_its_intro_channel_that_the_backup_lacks_come_back_without_a_token()
    {
        var backup = _relay.Backup();
        await using var charlie = await TestPerson.RegisterAsync("Charlie", _relay);
        var invite = await charlie.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);
        await charlie.StopAsync();
        await _relay.StopAsync();

        await _relay.RestoreAsync(backup);
        await charlie.StartAgainAsync();
        await charlie.Client.UntilAsync(() => Task.FromResult(charlie.Client.State.Relays.Values.Single() is { IsForgotten: false, RestoredAt: > 0, KeyPackagesCount: > 0 })).WaitAsync(TestPerson.Patience);
        await charlie.Client.UntilAsync(() => Task.FromResult(!charlie.Client.State.Invites.Values.Single().IsForgotten)).WaitAsync(TestPerson.Patience);

        await using var dora = await TestPerson.StartAsync("Dora");
        await (await dora.JoinAsync(invite)).SendAsync("the invite still works");
        Assert.Equal("the invite still works", await charlie.ReadAsync());
    }

    [Fact]
    public async Task A_relay_that_is_started_again_is_not_one_that_was_restored()
    {
        await _relay.StopAsync();
        await _relay.StartAgainAsync();
        await TalkAsync("again", 2);

        Assert.DoesNotContain(NoticeKind.RelayRestored, Notices(_ann));
    }

    private static List<NoticeKind> Notices(TestPerson person)
    {
        lock (person.Seen)
            return [.. person.Seen.OfType<NoticeRaised>().Select(notice => notice.Kind)];
    }

    private static Task<ulong> EpochAsync(TestPerson person) => Task.FromResult(person.Client.State.Conversations.Values.Single().Group.Epoch.Value);

    private static async Task<List<string>> TextsAsync(TestPerson person) => [.. (await (await person.OnlyConversationAsync()).ReadAsync(1_000)).Select(message => message.Text)];

    /// <summary>Both say as much, and both have it all.</summary>
    private async Task TalkAsync(string what, int count)
    {
        var (anns, bobs) = (await _ann.OnlyConversationAsync(), await _bob.OnlyConversationAsync());
        for (var i = 0; i < count; i++)
        {
            await anns.SendAsync($"{what} ann {i}");
            await bobs.SendAsync($"{what} bob {i}");
        }

        await ReceivedAsync(_ann, 0, $"{what} bob {count - 1}");
        await ReceivedAsync(_bob, 0, $"{what} ann {count - 1}");
    }

    private static Task ReceivedAsync(TestPerson person, int atLeast, string text) => person.Client.UntilAsync(async () =>
    {
        var texts = await TextsAsync(person);
        return texts.Count >= atLeast && texts.Contains(text);
    }).WaitAsync(TestPerson.Patience);
}
