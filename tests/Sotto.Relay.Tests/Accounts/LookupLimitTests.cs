using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>AT-29, its second half: guessing accounts and tokens tells nothing and ends soon.</summary>
public sealed class LookupLimitTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private TestRelay _relay = null!;
    private Person _ann = null!;
    private byte[] _token = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync(settings => settings with { Public = new Uri("https://relay.example"), Proxy = IPAddress.Loopback });
        _ann = await _relay.RegisterAsync(vouchers: 0);
        _token = Bytes.Random(32);
        await _ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([Bytes.Hash(_token)], []), RelayJson.Default.ContactTokensRequest);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _ann.Dispose();
        await _relay.DisposeAsync();
    }

    [Theory]
    [InlineData(Routes.Directory)]
    [InlineData(Routes.Card)]
    public async Task Known_and_unknown_accounts_get_the_same_answers_also_beyond_the_limit(string route)
    {
        var (known, unknown, wrong) = (_ann.Id, Base64Url.EncodeToString(Bytes.Random(32)), Bytes.Random(32));
        for (var i = 0; i < Limits.LookupsPerHour + 2; i++)
        {
            var first = await LookUpAsync(route, known, wrong, null);
            Assert.Equal(i < Limits.LookupsPerHour ? HttpStatusCode.Forbidden : HttpStatusCode.TooManyRequests, first.Status);
            Assert.Equal(first, await LookUpAsync(route, unknown, wrong, null));
        }
    }

    [Fact]
    public async Task Somebody_with_the_token_looks_up_sixty_times_an_hour()
    {
        for (var i = 0; i < Limits.LookupsPerHour; i++)
            Assert.Equal(HttpStatusCode.OK, (await LookUpAsync(Routes.Directory, _ann.Id, _token, null)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await LookUpAsync(Routes.Directory, _ann.Id, _token, null)).Status);
        _relay.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.OK, (await LookUpAsync(Routes.Directory, _ann.Id, _token, null)).Status);
    }

    [Fact]
    public async Task An_address_that_guessed_wrong_sixty_times_learns_nothing_more_for_an_hour()
    {
        const string guesser = "203.0.113.7";
        for (var i = 0; i < Limits.LookupsPerHour; i++)
            Assert.Equal(HttpStatusCode.Forbidden, (await LookUpAsync(Routes.Directory, Base64Url.EncodeToString(Bytes.Random(32)), Bytes.Random(32), guesser)).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await LookUpAsync(Routes.Directory, _ann.Id, _token, guesser)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await LookUpAsync(Routes.Card, _ann.Id, _token, guesser)).Status);
        Assert.Equal("urn:sotto:problem:rate-limited", await ClaimAsync(_token, guesser));
        Assert.Equal(HttpStatusCode.OK, (await LookUpAsync(Routes.Directory, _ann.Id, _token, "203.0.113.8")).Status);
        _relay.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.OK, (await LookUpAsync(Routes.Directory, _ann.Id, _token, guesser)).Status);
    }

    [Fact]
    public async Task Claims_are_guesses_too()
    {
        const string guesser = "203.0.113.9";
        for (var i = 0; i < Limits.LookupsPerHour; i++)
            Assert.Equal("urn:sotto:problem:refused", await ClaimAsync(Bytes.Random(32), guesser));
        Assert.Equal("urn:sotto:problem:rate-limited", await ClaimAsync(Bytes.Random(32), guesser));
        Assert.Null(await ClaimAsync(_token, null));
    }

    [Fact]
    public async Task Wrong_guesses_of_one_request_count_for_those_after_them()
    {
        var targets = Enumerable.Range(0, 200).Select(_ => new ClaimTarget(_ann.Keys.Id.ToArray(), Bytes.Random(32), Bytes.Random(16))).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_relay.Server.Address, Routes.ClaimKeyPackages)) { Content = JsonContent.Create(new(targets), RelayJson.Default.ClaimRequest) };
        using var answer = await SendAsync(request, "203.0.113.10");
        var problems = (await answer.Content.ReadFromJsonAsync(RelayJson.Default.ClaimAnswer))!.Targets.CountBy(target => target.Problem ?? "").ToDictionary();

        Assert.InRange(problems["urn:sotto:problem:refused"], Limits.LookupsPerHour, Limits.LookupsPerHour + 16);
        Assert.Equal(200, problems["urn:sotto:problem:refused"] + problems["urn:sotto:problem:rate-limited"]);
    }

    private async Task<(HttpStatusCode Status, string Body)> LookUpAsync(string route, string account, byte[] token, string? from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_relay.Server.Address, route.Replace("{account}", account, StringComparison.Ordinal)));
        request.Headers.Add(SottoHeaders.Token, Base64Url.EncodeToString(token));
        using var answer = await SendAsync(request, from);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string?> ClaimAsync(byte[] token, string? from)
    {
        var body = new ClaimRequest([new(_ann.Keys.Id.ToArray(), token, Bytes.Random(16))]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_relay.Server.Address, Routes.ClaimKeyPackages)) { Content = JsonContent.Create(body, RelayJson.Default.ClaimRequest) };
        using var answer = await SendAsync(request, from);
        return (await answer.Content.ReadFromJsonAsync(RelayJson.Default.ClaimAnswer))!.Targets[0].Problem;
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? from)
    {
        if (from is not null)
            request.Headers.Add("X-Forwarded-For", from);
        return _http.SendAsync(request);
    }
}
