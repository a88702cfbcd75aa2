using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>Somebody with a contact token claims again and again: neither the disk nor an answer grows with it.</summary>
public sealed class ClaimAmplificationTests
{
    [Fact]
    public async Task Claims_of_a_last_resort_package_keep_it_once_and_repeat_their_answers()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var tokens = await TokensAsync(ann, 20);
        await AddAsync(relay, ann, Limits.KeyPackage);
        var claims = tokens.Select(token => new ClaimTarget(ann.Keys.Id.ToArray(), token, Bytes.Random(16))).ToArray();
        var first = await ClaimAsync(ann, claims);
        await AddAsync(relay, ann, 100);
        var again = await ClaimAsync(ann, claims);

        Assert.All(first.Targets, target => Assert.Equal(Limits.KeyPackage, target.Packages![0].Package!.Length));
        Assert.Equal(first.Targets.Select(target => target.Packages![0].Package), again.Targets.Select(target => target.Packages![0].Package));
        using var file = SqliteConnection.Open(Path.Combine(relay.Folder, AccountSchema.FileName), readOnly: true);
        Assert.Equal(1, file.Scalar("SELECT count(*) FROM given_packages"));
        Assert.Equal(20 * 64, file.Scalar("SELECT sum(length(answer)) FROM claims"));
    }

    [Fact]
    public async Task An_answer_that_is_large_enough_leaves_the_rest_unclaimed()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var fits = Limits.ClaimBytes / Limits.KeyPackage;
        var tokens = await TokensAsync(ann, (fits / 10) + 2);
        await AddAsync(relay, ann, Limits.KeyPackage);
        var targets = tokens.SelectMany(token => Enumerable.Range(0, 10).Select(_ => new ClaimTarget(ann.Keys.Id.ToArray(), token, Bytes.Random(16)))).ToArray();
        var answer = await ClaimAsync(ann, targets);

        Assert.Equal(targets.Length, answer.Targets.Length);
        Assert.All(answer.Targets.Take(fits), target => Assert.NotNull(target.Packages));
        Assert.All(answer.Targets.Skip(fits), target => Assert.Equal(ProblemTypes.Of(RelayProblem.TooLarge).Type, target.Problem));
        var rest = await ClaimAsync(ann, [.. targets.Skip(fits).Take(10)]);
        Assert.All(rest.Targets, target => Assert.NotNull(target.Packages));
    }

    [Fact]
    public async Task Of_one_account_six_hundred_are_claimed_in_an_hour_and_whoever_shows_no_token_learns_nothing_of_it()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (accounts, id, contact) = (relay.Server.Accounts, ann.Keys.Id, new Bytes32(Bytes.Random(32)));
        await accounts.ChangeContactsAsync(id, ann.Device.Public, new([contact], [], false));
        await Task.WhenAll(Enumerable.Range(0, Limits.ClaimsPerHour).Select(_ => accounts.ClaimAsync(id, contact, new(Bytes.Random(16)))));

        Assert.Equal(RelayProblem.RateLimited, await ProblemAsync(contact));
        Assert.Equal(RelayProblem.Refused, await ProblemAsync(new(Bytes.Random(32))));
        relay.Time.Advance(TimeSpan.FromHours(1));
        await accounts.ClaimAsync(id, contact, new(Bytes.Random(16)));

        async Task<RelayProblem> ProblemAsync(Bytes32 token) =>
            (await Assert.ThrowsAsync<RelayException>(() => accounts.ClaimAsync(id, token, new(Bytes.Random(16))))).Problem;
    }

    private static async Task<byte[][]> TokensAsync(Person ann, int count)
    {
        var tokens = Enumerable.Range(0, count).Select(_ => Bytes.Random(32)).ToArray();
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([.. tokens.Select(Bytes.Hash)], []), RelayJson.Default.ContactTokensRequest);
        return tokens;
    }

    private static Task AddAsync(TestRelay relay, Person ann, int size) => ann.AskAsync(
        HttpMethod.Put, Routes.KeyPackages, new([], new(Bytes.Random(size), (uint)relay.Today + 10)), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);

    private static Task<ClaimAnswer> ClaimAsync(Person ann, ClaimTarget[] targets) =>
        ann.PostAsync(Routes.ClaimKeyPackages, new(targets), RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
}
