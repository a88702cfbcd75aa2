using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>AT-27: contacts who claim all key packages of somebody. The victim stays reachable, is told, and makes new ones.</summary>
public sealed class DrainedPackageTests
{
    private const int Drainers = 50;

    [Fact]
    public async Task Fifty_drainers_leave_the_last_resort_and_the_victim_is_told_and_recovers()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var tokens = await LetInAsync(ann);
        var (packages, lastResort) = (Packages(relay, Limits.KeyPackages), Packages(relay, 1)[0]);
        await AddAsync(ann, new(packages, lastResort));

        var got = await DrainAsync(ann, tokens, lastResort.Bytes);
        Assert.Equal(packages.Select(package => Convert.ToHexString(package.Bytes)).Order(), got.Where(package => package is not null).Select(package => Convert.ToHexString(package!)).Order());
        Assert.Equal(new KeyPackagesAnswer(0, true, true, true), await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer));

        var next = Packages(relay, 1)[0];
        Assert.Equal(new KeyPackagesAnswer(Limits.KeyPackages, true, false, false), await AddAsync(ann, new(Packages(relay, Limits.KeyPackages), next)));
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(lastResort.Bytes, (await ClaimAsync(ann, tokens[0])).Package);
    }

    /// <summary>Without a last resort the same drainers leave nothing.</summary>
    [Fact]
    public async Task Without_a_last_resort_the_same_drainers_leave_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var tokens = await LetInAsync(ann);
        await AddAsync(ann, new(Packages(relay, Limits.KeyPackages)));

        Assert.Equal(Limits.KeyPackages, (await DrainAsync(ann, tokens, [])).Count(package => package is not null));
        Assert.Null((await ClaimAsync(ann, tokens[0])).Package);
    }

    /// <summary>One token alone gets ten packages a minute.</summary>
    [Fact]
    public async Task One_drainer_gets_ten_packages_a_minute()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var tokens = await LetInAsync(ann);
        await AddAsync(ann, new(Packages(relay, Limits.KeyPackages)));
        var answers = new List<string?>();
        for (var i = 0; i < 30; i++)
            answers.Add((await ClaimAsync(ann, tokens[0])).Problem);

        Assert.Equal(20, answers.Count(problem => problem == ProblemTypes.Of(RelayProblem.RateLimited).Type));
        Assert.Equal(Limits.KeyPackages - 10, (await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer)).OneTime);
    }

    private static async Task<byte[][]> LetInAsync(Person ann)
    {
        var tokens = Enumerable.Range(0, Drainers).Select(_ => Bytes.Random(32)).ToArray();
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([.. tokens.Select(Bytes.Hash)], []), RelayJson.Default.ContactTokensRequest);
        return tokens;
    }

    /// <summary>Each claims three times at once: half as many again as there are packages.</summary>
    /// <returns>The packages that were handed out, null for the last resort or none.</returns>
    private static async Task<List<byte[]?>> DrainAsync(Person ann, byte[][] tokens, byte[] lastResort)
    {
        var claims = tokens.Concat(tokens).Concat(tokens).Select(token => ClaimAsync(ann, token));
        return [.. (await Task.WhenAll(claims)).Select(claim => claim.Package).Select(package => package?.AsSpan().SequenceEqual(lastResort) == true ? null : package)];
    }

    private static async Task<(byte[]? Package, string? Problem)> ClaimAsync(Person ann, byte[] token)
    {
        var request = new ClaimRequest([new(ann.Keys.Id.ToArray(), token, Bytes.Random(16))]);
        var answer = (await ann.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer)).Targets[0];
        return (answer.Packages?[0].Package, answer.Problem);
    }

    private static Task<KeyPackagesAnswer> AddAsync(Person ann, KeyPackagesRequest packages) =>
        ann.AskAsync(HttpMethod.Put, Routes.KeyPackages, packages, RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);

    private static KeyPackageItem[] Packages(TestRelay relay, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new KeyPackageItem(Bytes.Random(200), (uint)relay.Today + 20))];
}
