using System.Net.Http.Json;
using System.Text;
using Sotto.Fuzz.Targets.Relay;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>Every route of the account plane with bodies and headers that are none: a typed refusal, and nothing changed.</summary>
public sealed class BadBodyTests
{
    private static readonly (HttpMethod Method, string Route)[] WithBody =
    [
        (HttpMethod.Post, Routes.Accounts), (HttpMethod.Post, Routes.Lists), (HttpMethod.Put, Routes.Reachability), (HttpMethod.Put, Routes.RecoveryRecord),
        (HttpMethod.Post, Routes.ContactTokens), (HttpMethod.Post, Routes.Invites), (HttpMethod.Post, Routes.RevokeInvite), (HttpMethod.Put, Routes.KeyPackages),
        (HttpMethod.Post, Routes.Vouchers), (HttpMethod.Post, Routes.ClaimKeyPackages), (HttpMethod.Post, Routes.Recovery),
    ];

    private static readonly (HttpMethod Method, string Route)[] WithoutBody =
    [
        (HttpMethod.Get, Routes.Invites), (HttpMethod.Get, Routes.KeyPackages), (HttpMethod.Delete, Routes.Account), (HttpMethod.Get, Routes.Directory),
        (HttpMethod.Get, Routes.Recovery),
    ];

    private static readonly string[] BadValues = ["", "A", "AA==", "*", new('A', 42), new('_', 43), new('A', 86), new('A', 200)];

    [Fact]
    public async Task Bodies_that_are_none_are_refused_by_a_type_and_change_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var before = DatabaseDump.Of(relay.Folder);
        var bodies = RelayBodySeeds.All().Where(seed => !seed.Name.StartsWith("body", StringComparison.Ordinal)).Select(seed => seed.Input[1..]).ToList();
        foreach (var (method, route) in WithBody)
        {
            foreach (var body in bodies)
            {
                using var answer = await ann.SendAsync(method, ann.Target(route), body, route == Routes.Recovery ? ann.Keys.Recovery : null);
                await RequireProblemAsync(answer, $"{method} {route} {Encoding.UTF8.GetString(body[..Math.Min(80, body.Length)])}");
            }
        }

        Assert.Equal(before, DatabaseDump.Of(relay.Folder));
        // What is right changes something, and the comparison sees it.
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Random(32)], []), RelayJson.Default.ContactTokensRequest);
        Assert.NotEqual(before, DatabaseDump.Of(relay.Folder));
    }

    [Fact]
    public async Task Headers_that_are_none_are_refused_by_a_type_and_change_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        var before = DatabaseDump.Of(relay.Folder);
        foreach (var (method, route) in WithBody.Concat(WithoutBody).Where(route => route.Route != Routes.ClaimKeyPackages))
        {
            foreach (var header in new[] { SottoHeaders.Account, SottoHeaders.Key, SottoHeaders.Nonce, SottoHeaders.Signature })
            {
                foreach (var value in BadValues)
                {
                    using var request = new HttpRequestMessage(method, ann.Target(route)) { Content = new StringContent("{}") };
                    await FillAsync(request, ann, header, value);
                    using var answer = await http.SendAsync(request);
                    await RequireProblemAsync(answer, $"{method} {route} {header}: {value}");
                }
            }
        }

        Assert.Equal(before, DatabaseDump.Of(relay.Folder));
    }

    private static async Task FillAsync(HttpRequestMessage request, Person person, string header, string value)
    {
        var right = new Dictionary<string, byte[]>
        {
            [SottoHeaders.Account] = person.Keys.Id.ToArray(),
            [SottoHeaders.Key] = person.Device.Public.ToArray(),
            [SottoHeaders.Nonce] = await person.NonceAsync(),
            [SottoHeaders.Signature] = new byte[64],
        };
        foreach (var (name, bytes) in right)
            request.Headers.TryAddWithoutValidation(name, name == header ? value : System.Buffers.Text.Base64Url.EncodeToString(bytes));
    }

    internal static async Task RequireProblemAsync(HttpResponseMessage answer, string what)
    {
        Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{what}: {answer.StatusCode}");
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", what);
        var problem = (await answer.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody))!;
        Assert.True(ProblemTypes.Parse(problem.Type) is not null, $"{what}: {problem.Type}");
        Assert.True(problem.Status == (int)answer.StatusCode, what);
    }
}
