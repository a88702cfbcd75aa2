using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Metering;

/// <summary>What a monitor sees: sums with tags from fixed lists, and nobody in them.</summary>
public sealed partial class MetricsTests
{
    /// <summary>Every label that the page may have.</summary>
    private static readonly string[] AllowedLabels = ["kind", "problem", "route", "status", "plane", "le"];

    [Fact]
    public async Task The_page_counts_what_was_done_and_names_nobody()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { Metrics = new(IPAddress.Loopback, 0) });
        await using var other = await TestRelay.StartAsync();
        await UseAsync(other);
        var secrets = await UseAsync(relay);
        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri(relay.Server.MetricsAddress!, "/metrics"));

        Assert.Contains("\nsotto_relay_posts{kind=\"application\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("""sotto_relay_refusals{problem="refused"} 1""", page, StringComparison.Ordinal);
        Assert.Contains("\nsotto_relay_entries_pushed 2\n", page, StringComparison.Ordinal);
        Assert.Contains("\nsotto_relay_streams 1\n", page, StringComparison.Ordinal);
        Assert.Contains("""sotto_relay_storage_trouble{plane="mailbox"} 0""", page, StringComparison.Ordinal);
        Assert.Contains("""route="/v1/accounts/{account}/directory",status="403"} 1""", page, StringComparison.Ordinal);
        Assert.Contains("\nsotto_relay_post_seconds_count 2\n", page, StringComparison.Ordinal);
        Assert.Contains("sotto_relay_post_seconds_bucket{le=\"0.003\"}", page, StringComparison.Ordinal);
        Assert.Empty(Labels().Matches(page).Select(label => label.Groups[1].Value).Except(AllowedLabels));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, page, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_page_is_not_on_the_port_of_clients_and_clients_are_not_served_on_its_port()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { Metrics = new(IPAddress.Loopback, 0) });
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(relay.Server.Address, "/metrics"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(relay.Server.MetricsAddress!, Routes.Relay))).StatusCode);
    }

    [Fact]
    public async Task A_collector_gets_the_same_sums_and_nobodys_name()
    {
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var collector = await CollectAsync(received);
        string[] secrets;
        await using (var relay = await TestRelay.StartAsync(settings => settings with { Collector = new Uri(collector.Urls.First() + "/v1/metrics") }))
            secrets = await UseAsync(relay);

        var sent = Encoding.Latin1.GetString(await received.Task.WaitAsync(StreamClient.Patience));
        Assert.Contains("relay.posts", sent, StringComparison.Ordinal);
        Assert.Contains("sotto-relay", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("host.name", sent, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, sent, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Two posts, two entries read, a refusal on each plane.</summary>
    /// <returns>What must not be in any metric, as text.</returns>
    private static async Task<string[]> UseAsync(TestRelay relay)
    {
        using var ann = await relay.RegisterAsync();
        var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        for (var i = 0; i < 2; i++)
        {
            await stream.AskAsync(channel.Message([1]));
            await stream.EntryAsync(reads.Subscription);
        }

        var token = Bytes.Random(32);
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token));
        byte[][] secrets = [ann.Keys.Id.ToArray(), ann.Device.Public.ToArray(), channel.Id, channel.Own.Id, channel.WriteCapability, token];
        return [.. secrets.SelectMany(Texts)];
    }

    private static IEnumerable<string> Texts(byte[] secret) =>
        [System.Buffers.Text.Base64Url.EncodeToString(secret), Convert.ToBase64String(secret)[..^2], Convert.ToHexString(secret), Encoding.Latin1.GetString(secret)];

    private static async Task<WebApplication> CollectAsync(TaskCompletionSource<byte[]> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var web = builder.Build();
        web.MapPost("/v1/metrics", (RequestDelegate)(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.TrySetResult(body.ToArray());
        }));
        await web.StartAsync();
        return web;
    }

    [GeneratedRegex("[{,]([a-z_]+)=\"")]
    private static partial Regex Labels();
}
