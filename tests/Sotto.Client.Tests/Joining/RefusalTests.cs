using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Joining;

public sealed class RefusalTests : IAsyncLifetime
{
    private TestRelay _relay = null!;
    private TestPerson _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await TestPerson.RegisterAsync("Ann", _relay);
    }

    public async ValueTask DisposeAsync()
    {
        await _ann.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task A_used_invite_is_refused_to_a_person_with_an_account_too_and_nothing_is_made()
    {
        var invite = await InviteAsync();
        await using var bob = await TestPerson.StartAsync("Bob");
        await bob.JoinAsync(invite);
        await using var eve = await TestPerson.StartAsync("Eve");
        await using var dan = await TestPerson.RegisterAsync("Dan", _relay);

        Assert.Equal(ClientFailure.InviteUsed, (await Assert.ThrowsAsync<ClientException>(() => eve.JoinAsync(invite))).Failure);
        Assert.Equal(ClientFailure.InviteUsed, (await Assert.ThrowsAsync<ClientException>(() => dan.JoinAsync(invite))).Failure);
        Assert.False(eve.Client.HasAccount);
        Assert.Empty(await dan.Client.ConversationsAsync());
    }

    [Fact]
    public async Task Of_two_who_join_at_once_one_gets_in_and_the_other_makes_nothing()
    {
        var invite = await InviteAsync();
        await using var bob = await TestPerson.StartAsync("Bob");
        await using var eve = await TestPerson.StartAsync("Eve");

        var joins = new[] { bob.JoinAsync(invite), eve.JoinAsync(invite) };
        await Task.WhenAll(joins).ContinueWith(_ => { }, TaskScheduler.Default);

        var refused = Assert.IsType<ClientException>(Assert.Single(joins, join => join.IsFaulted).Exception!.InnerException);
        Assert.Equal(ClientFailure.InviteUsed, refused.Failure);
        Assert.Equal(1, new[] { bob, eve }.Count(person => person.Client.HasAccount));
        await _ann.EventAsync<ConversationStarted>();
        Assert.Single(await _ann.Client.ConversationsAsync());
    }

    [Fact]
    public async Task An_invite_that_was_taken_back_is_refused_before_anyone_is_shown()
    {
        var invite = await InviteAsync();
        await using var bob = await TestPerson.StartAsync("Bob");
        Assert.True(await _ann.Client.RevokeInviteAsync(invite.Name));
        await _ann.EventAsync<InviteEnded>();

        var refused = await Assert.ThrowsAsync<ClientException>(() => bob.Client.PreviewAsync(InviteLink.Parse(invite.Link)));

        Assert.Equal(ClientFailure.InviteRevoked, refused.Failure);
    }

    [Fact]
    public async Task Ones_own_invite_is_refused()
    {
        var invite = await InviteAsync();

        Assert.Equal(ClientFailure.OwnInvite, (await Assert.ThrowsAsync<ClientException>(() => _ann.Client.PreviewAsync(InviteLink.Parse(invite.Link)))).Failure);
    }

    [Fact]
    public async Task A_link_that_names_another_relay_or_account_is_refused()
    {
        var link = InviteLink.Parse((await InviteAsync()).Link);
        await using var bob = await TestPerson.StartAsync("Bob");
        var otherRelay = new InviteLink(link.Addresses, link.Account, new(new byte[16]), link.Secret, link.ExpiresHour);
        var otherAccount = new InviteLink(link.Addresses, new(Fresh.ThirtyTwo(TestPerson.Crypto)), link.Relay, link.Secret, link.ExpiresHour);

        Assert.Equal(ClientFailure.RelayNotGenuine, (await Assert.ThrowsAsync<ClientException>(() => bob.Client.PreviewAsync(otherRelay))).Failure);
        Assert.Equal(ClientFailure.InviteUnknown, (await Assert.ThrowsAsync<ClientException>(() => bob.Client.PreviewAsync(otherAccount))).Failure);
    }

    [Fact]
    public async Task A_person_with_an_account_elsewhere_registers_it_at_the_invites_relay_and_keeps_it()
    {
        await using var elsewhere = await TestRelay.StartAsync();
        await using var bob = await TestPerson.RegisterAsync("Bob", elsewhere);
        var account = bob.Client.Account;

        var conversation = await bob.JoinAsync(await InviteAsync());
        await conversation.SendAsync("Hello from elsewhere");

        Assert.Equal("Hello from elsewhere", await _ann.ReadAsync());
        Assert.Equal(account, bob.Client.Account);
        Assert.Equal(account, (await _ann.OnlyConversationAsync()).Peer);
    }

    [Fact]
    public async Task A_contacts_new_invite_opens_the_chat_that_is_there()
    {
        await using var bob = await TestPerson.StartAsync("Bob");
        var first = await bob.JoinAsync(await InviteAsync());
        await first.AnswerSafetyNumberAsync(false);

        var second = await bob.JoinAsync(await InviteAsync());

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(Verification.Invite, second.Verification);
        Assert.Single(await bob.Client.ConversationsAsync());
    }

    [Fact]
    public async Task Many_invites_bring_many_contacts_although_few_key_packages_lie_there()
    {
        for (var i = 0; i < 7; i++)
        {
            await using var person = await TestPerson.StartAsync($"Person {i}");
            await person.JoinAsync(await InviteAsync());
            await _ann.EventAsync<ConversationStarted>();
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"Person {i}"), (await _ann.Client.ConversationsAsync()).Select(conversation => conversation.Name).Order());
    }

    [Fact]
    public async Task A_profile_that_was_copied_is_noticed_before_it_sends_or_takes_anything()
    {
        await using var bob = await TestPerson.StartAsync("Bob");
        var conversation = await bob.JoinAsync(await InviteAsync());
        await conversation.SendAsync("one");
        Assert.Equal("one", await _ann.ReadAsync());
        await bob.StopAsync();
        var old = bob.Store.Copy();
        await bob.StartAgainAsync();
        await (await bob.OnlyConversationAsync()).SendAsync("two");
        Assert.Equal("two", await _ann.ReadAsync());
        await bob.StopAsync();
        await _ann.StopAsync();

        await using var copy = await TestPerson.OpenAsync("Bob", old);
        await copy.EventAsync<NoticeRaised>(notice => notice.Kind == NoticeKind.OldCopy);

        var refused = await Assert.ThrowsAsync<ClientException>(async () => await (await copy.OnlyConversationAsync()).SendAsync("from the copy"));
        Assert.Equal(ClientFailure.ReadOnly, refused.Failure);
        Assert.Equal(["one"], (await (await copy.OnlyConversationAsync()).ReadAsync(10)).Select(message => message.Text));
        await bob.StartAgainAsync();
        await _ann.StartAgainAsync();
    }

    [Fact]
    public async Task A_store_that_fails_once_at_any_commit_loses_nothing_and_goes_on()
    {
        for (var at = 0; at < 40; at += 3)
        {
            await using var bob = await TestPerson.OpenAsync("Bob", new MemoryStores.FailingOnce(at));
            var invite = await InviteAsync();
            var conversation = await RetryAsync(() => bob.JoinAsync(invite));
            var started = await _ann.EventAsync<ConversationStarted>();
            await RetryAsync(() => conversation.SendAsync($"after failure {at}"));
            Assert.Equal($"after failure {at}", await _ann.ReadAsync());
            await started.Conversation.SendAsync("back");
            Assert.Equal("back", await bob.ReadAsync());
        }
    }

    private Task<Invite> InviteAsync() => _ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);

    /// <summary>What a person does who is told that the disk was full.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ClientException full) when (full.Failure == ClientFailure.StoreFailed)
        {
            return await work();
        }
    }
}
