using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Storage;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Joining;

public sealed class KeyPackageTests
{
    [Fact]
    public async Task A_hundred_one_time_packages_lie_at_the_relay_also_after_one_was_used()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        await using var bob = await TestPerson.StartAsync("Bob");
        await CountedAsync(ann);
        Assert.Equal((100, true, false), await AtRelayAsync(relay, ann));

        await bob.JoinAsync(await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience));
        await ann.EventAsync<ConversationStarted>();

        await CountedAsync(ann);
        Assert.Equal((100, true, false), await AtRelayAsync(relay, ann));
        await CountedAsync(bob);
        Assert.Equal((100, true, false), await AtRelayAsync(relay, bob));
    }

    [Fact]
    public async Task Private_keys_of_replaced_packages_stay_while_a_Welcome_may_come_and_go_when_none_can()
    {
        var clock = new ShiftedClock();
        await using var relay = await TestRelay.StartAsync(clock);
        await using var ann = await TestPerson.RegisterAsync("Ann", relay, clock);
        await CountedAsync(ann);
        var first = await NamesAsync(ann);
        Assert.Equal(101, first.Count);

        await PassAsync(TimeSpan.FromDays(15), clock, relay, ann);
        var second = await NamesAsync(ann);
        Assert.Empty(first.Except(second));
        Assert.Equal(202, second.Count);
        Assert.Equal((100, true, false), await AtRelayAsync(relay, ann));

        await PassAsync(TimeSpan.FromDays(76), clock, relay, ann);
        var third = await NamesAsync(ann);
        Assert.Empty(third.Intersect(first));
        Assert.Empty(second.Except(first).Except(third));
        Assert.Equal(202, third.Count);
    }

    [Fact]
    public async Task An_invite_for_two_is_used_when_two_have_joined_and_nobody_counts_as_verified_by_it()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        await using var bob = await TestPerson.StartAsync("Bob");
        await using var charlie = await TestPerson.StartAsync("Charlie");
        await using var eve = await TestPerson.StartAsync("Eve");
        var invite = await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1), uses: 2).WaitAsync(TestPerson.Patience);

        await bob.JoinAsync(invite);
        await ann.EventAsync<ConversationStarted>();
        Assert.Equal(InviteState.Open, Assert.Single(await ann.Client.InvitesAsync()).State);
        await charlie.JoinAsync(invite);
        await ann.EventAsync<InviteEnded>();

        Assert.Equal(InviteState.Used, Assert.Single(await ann.Client.InvitesAsync()).State);
        var refused = await Assert.ThrowsAsync<ClientException>(() => eve.JoinAsync(invite));
        Assert.Equal(ClientFailure.InviteUsed, refused.Failure);
        await ann.Client.UntilAsync(async () => (await ann.Client.ConversationsAsync()).Count == 2).WaitAsync(TestPerson.Patience);
        Assert.All(await ann.Client.ConversationsAsync(), conversation => Assert.Equal(Verification.None, conversation.Verification));
    }

    private static Task CountedAsync(TestPerson person) =>
        person.Client.UntilAsync(() => Task.FromResult(person.Client.State.Relays.Values.Single() is { HasKeyPackages: true, KeyPackagesCount: > 0 })).WaitAsync(TestPerson.Patience);

    /// <summary>Everybody sleeps for a while, and wakes up.</summary>
    private static async Task PassAsync(TimeSpan time, ShiftedClock clock, TestRelay relay, TestPerson person)
    {
        await person.StopAsync();
        await relay.StopAsync();
        clock.Pass(time);
        await relay.StartAgainAsync();
        await person.StartAgainAsync();
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        await person.Client.UntilAsync(() => Task.FromResult(person.Client.State.Relays.Values.Single() is { } own && own.KeyPackagesRenew > now && own.KeyPackagesCount > now)).WaitAsync(TestPerson.Patience);
    }

    private static async Task<(int OneTime, bool LastResort, bool LastResortUsed)> AtRelayAsync(TestRelay relay, TestPerson person)
    {
        var account = person.Client.State.RequireAccount();
        var there = await relay.Server.Accounts.CountKeyPackagesAsync(account.Id.Value, account.Device, CancellationToken.None);
        return (there.OneTime, there.LastResort, there.LastResortUsed);
    }

    private static async Task<HashSet<string>> NamesAsync(TestPerson person) =>
        [.. (await person.Store.ReadAsync(StoreTable.KeyPackages, default)).Select(record => Convert.ToHexString(record.Key.Name.Span))];
}
