using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>How many device lists an account may publish, and what an older file brings along.</summary>
public sealed class ListLimitTests
{
    [Fact]
    public async Task An_account_publishes_fifty_lists_a_day_and_recovers_also_after_that()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        for (var i = 0; i < Limits.ListsPerDay; i++)
            await AppendAsync(ann);
        await Refusal.IsAsync(RelayProblem.RateLimited, () => AppendAsync(ann));

        var kept = ann.List;
        relay.Time.Advance(TimeSpan.FromDays(1));
        await AppendAsync(ann);
        Assert.NotEqual(kept.Hash, ann.List.Hash);
    }

    [Fact]
    public async Task A_thousand_lists_are_all_but_for_a_recovery()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using (var file = SqliteConnection.Open(Path.Combine(relay.Folder, AccountSchema.FileName)))
        {
            for (var i = 1; i < Limits.Lists; i++)
                file.Execute("INSERT INTO lists SELECT account, randomblob(32), number, record FROM lists LIMIT 1");
        }

        await Refusal.IsAsync(RelayProblem.QuotaReached, () => AppendAsync(ann));
        ann.Device = new();
        var recovery = ann.Keys.RecoveryList(ann.List, 100, ann.Device);
        await ann.TellAsync(HttpMethod.Post, ann.Target(Routes.Recovery), new ListRequest(recovery.Encode()), RelayJson.Default.ListRequest, ann.Keys.Recovery);
        await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
    }

    [Fact]
    public async Task A_file_from_before_given_packages_goes_on_with_its_contacts_and_without_old_answers()
    {
        using var folder = new RelayFolder();
        var path = Path.Combine(folder.Path, AccountSchema.FileName);
        var (account, contact) = (new Bytes32(Bytes.Random(32)), new Bytes32(Bytes.Random(32)));
        using (var before = (AccountSchema.Migrations with { Steps = [.. AccountSchema.Migrations.Steps.Take(2)] }).OpenForWriting(path))
        {
            using var insert = before.PrepareOnce("INSERT INTO contacts VALUES(?, ?, 0, 0, NULL, NULL, NULL, NULL)");
            insert.Start().With(account).With(contact).Run();
            using var claim = before.PrepareOnce("INSERT INTO claims VALUES(?, x'00', ?, 0, x'7b7d')");
            claim.Start().With(account).With(contact).Run();
        }

        await using (var store = new SqliteAccountStore(folder.Path, TimeProvider.System))
            Assert.Empty(await store.ClaimAsync(account, contact, new(Bytes.Random(16))));
        using var file = SqliteConnection.Open(path);
        Assert.Equal((3, 1), (file.Scalar("PRAGMA user_version"), file.Scalar("SELECT count(*) FROM claims")));
        using var copy = SqliteConnection.Open(path + ".v2");
        Assert.Equal((2, 1), (copy.Scalar("PRAGMA user_version"), copy.Scalar("SELECT count(*) FROM contacts")));
    }

    [Fact]
    public async Task A_relay_needs_a_first_link_until_there_is_an_account_or_a_link_that_still_makes_one()
    {
        await using var relay = await TestRelay.StartAsync();
        var accounts = relay.Server.Accounts;
        Assert.True(await accounts.NeedsFirstLinkAsync(CancellationToken.None));
        await relay.LinkAsync(owner: false);
        Assert.True(await accounts.NeedsFirstLinkAsync(CancellationToken.None));
        await relay.LinkAsync(owner: true);
        Assert.False(await accounts.NeedsFirstLinkAsync(CancellationToken.None));

        relay.Time.Advance(TimeSpan.FromDays(8));
        Assert.True(await accounts.NeedsFirstLinkAsync(CancellationToken.None));
        using var ann = await relay.RegisterAsync(vouchers: 0);
        Assert.False(await accounts.NeedsFirstLinkAsync(CancellationToken.None));
    }

    private static async Task AppendAsync(Person person)
    {
        var list = person.Keys.List(person.List, person.Device);
        await person.TellAsync(HttpMethod.Post, Routes.Lists, new ListRequest(list.Encode()), RelayJson.Default.ListRequest);
        person.List = list;
    }
}
