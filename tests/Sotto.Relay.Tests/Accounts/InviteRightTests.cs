using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>The right to register that comes with an invite: whose it is, and when it ends.</summary>
public sealed class InviteRightTests
{
    [Fact]
    public async Task Nobody_ends_the_registration_of_an_invite_that_is_not_theirs()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using var eve = await relay.RegisterAsync(vouchers: 0);
        var (registration, own) = (Bytes.Random(32), Bytes.Random(32));
        await InviteAsync(relay, ann, Bytes.Random(32), registration, uses: 2);
        await InviteAsync(relay, eve, own, Bytes.Random(32));
        using var bob = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await bob.RegisterAsync(registration);

        await Refusal.IsAsync(RelayProblem.Refused, () => EndAsync(eve, own, registration));
        using var charlie = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await charlie.RegisterAsync(registration);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_an_invite_its_registration_ends_whether_or_not_the_request_names_it(bool names)
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (invite, registration) = (Bytes.Random(32), Bytes.Random(32));
        await InviteAsync(relay, ann, invite, registration);
        await EndAsync(ann, invite, names ? registration : null);
        await EndAsync(ann, invite, names ? registration : null);

        using var bob = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => bob.RegisterAsync(registration));
    }

    [Fact]
    public async Task With_an_account_the_registrations_of_its_invites_end()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var registration = Bytes.Random(32);
        await InviteAsync(relay, ann, Bytes.Random(32), registration);
        using var deleted = await ann.SendAsync(HttpMethod.Delete, Routes.Account, [], ann.Keys.Recovery);
        Assert.True(deleted.IsSuccessStatusCode);

        using var bob = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => bob.RegisterAsync(registration));
    }

    [Fact]
    public async Task An_account_opens_fifty_invites_a_day()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        for (var i = 0; i < Limits.InvitesPerDay; i++)
        {
            var invite = Bytes.Random(32);
            await InviteAsync(relay, ann, invite, Bytes.Random(32));
            await EndAsync(ann, invite, null);
        }

        await Refusal.IsAsync(RelayProblem.RateLimited, () => InviteAsync(relay, ann, Bytes.Random(32), Bytes.Random(32)));
        relay.Time.Advance(TimeSpan.FromDays(1));
        await InviteAsync(relay, ann, Bytes.Random(32), Bytes.Random(32));
    }

    [Fact]
    public async Task A_device_that_left_the_list_while_its_request_was_under_way_changes_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (gone, accounts, id) = (new SigningKey().Public, relay.Server.Accounts, ann.Keys.Id);
        var invite = new Relay.Accounts.NewInvite(new(Bytes.Random(32)), null, [1], 1, relay.ThisHour + 24);
        Func<Task>[] requests =
        [
            () => accounts.AddInviteAsync(id, gone, invite),
            () => accounts.EndInviteAsync(id, gone, invite.ContactHash, null, false),
            () => accounts.ChangeContactsAsync(id, gone, new([], [], true)),
            () => accounts.CheckVouchersAsync(id, gone, new(new(Bytes.Random(16)), default, 1)),
            () => accounts.DeleteAsync(id, gone),
        ];

        foreach (var request in requests)
            Assert.Equal(RelayProblem.Refused, (await Assert.ThrowsAsync<RelayException>(request)).Problem);
        await accounts.AddInviteAsync(id, ann.Device.Public, invite);
    }

    private static Task InviteAsync(TestRelay relay, Person person, byte[] invite, byte[] registration, int uses = 1) => person.TellAsync(
        HttpMethod.Post, Routes.Invites, new InviteRequest(Bytes.Hash(invite), [1], uses, relay.ThisHour + 24, Bytes.Hash(registration)), RelayJson.Default.InviteRequest);

    private static Task EndAsync(Person person, byte[] invite, byte[]? registration) => person.TellAsync(
        HttpMethod.Post, Routes.RevokeInvite, new RevokeRequest(Bytes.Hash(invite), registration is null ? null : Bytes.Hash(registration)), RelayJson.Default.RevokeRequest);
}
