using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>The operator's own account, and a relay on which it alone opens invites.</summary>
public sealed class OwnerTests
{
    [Fact]
    public async Task With_invites_of_the_owner_alone_nobody_else_opens_one()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { OwnerInvites = true });
        using var owner = await relay.RegisterAsync(vouchers: 0, owner: true);
        using var guest = await relay.RegisterAsync(vouchers: 0);

        await InviteAsync(relay, owner);
        await Refusal.IsAsync(RelayProblem.Refused, () => InviteAsync(relay, guest));
    }

    [Fact]
    public async Task Without_that_setting_everybody_opens_invites()
    {
        await using var relay = await TestRelay.StartAsync();
        using var guest = await relay.RegisterAsync(vouchers: 0);
        await InviteAsync(relay, guest);
    }

    [Fact]
    public async Task An_account_that_exists_becomes_the_owners_with_an_owners_link_once()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { OwnerInvites = true });
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using var bob = await relay.RegisterAsync(vouchers: 0);
        var late = (await relay.LinkAsync(owner: true)).Token.ToArray();
        var link = (await relay.LinkAsync(owner: true)).Token.ToArray();
        await ann.RegisterAsync(link);
        await bob.RegisterAsync(link);
        await InviteAsync(relay, ann);
        await Refusal.IsAsync(RelayProblem.Refused, () => InviteAsync(relay, bob));

        relay.Time.Advance(TimeSpan.FromDays(8));
        await bob.RegisterAsync(late);
        await Refusal.IsAsync(RelayProblem.Refused, () => InviteAsync(relay, bob));
    }

    [Fact]
    public async Task A_file_from_before_owners_is_copied_and_goes_on()
    {
        using var folder = new RelayFolder();
        var path = Path.Combine(folder.Path, AccountSchema.FileName);
        var account = new Bytes32(Bytes.Random(32));
        using (var before = (AccountSchema.Migrations with { Steps = [AccountSchema.Migrations.Steps[0]] }).OpenForWriting(path))
        {
            using var insert = before.PrepareOnce("INSERT INTO accounts VALUES(?, x'', x'', 0, 10, 0, NULL)");
            insert.Start().With(account).Run();
        }

        await using (var store = new SqliteAccountStore(folder.Path, TimeProvider.System))
            Assert.False(await store.IsOwnerAsync(account, CancellationToken.None));
        using var copy = SqliteConnection.Open(path + ".v1");
        Assert.Equal((1, 1), (copy.Scalar("PRAGMA user_version"), copy.Scalar("SELECT count(*) FROM accounts")));
        await Assert.ThrowsAsync<StorageException>(() => Task.FromResult(new SqliteMigrations(AccountSchema.Migrations.ApplicationId, [""]).OpenForWriting(path)));
    }

    private static Task InviteAsync(TestRelay relay, Person person) => person.TellAsync(
        HttpMethod.Post, Routes.Invites, new InviteRequest(Bytes.Random(32), [1], 1, relay.ThisHour + 24), RelayJson.Default.InviteRequest);
}
