using System.Net;
using System.Net.Sockets;
using System.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Links;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>What an operator sees of the real executable.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task A_first_start_that_failed_costs_nobody_the_first_link()
    {
        using var folder = new RelayFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        using (var failed = System.Diagnostics.Process.Start(RelayProcess.Program, ["relay", "--listen", taken.LocalEndpoint.ToString()!, "--data", folder.Path]))
        {
            await failed.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StreamClient.Patience, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, failed.ExitCode);
        }

        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(folder.Path));
        await using (var relay = await RelayProcess.StartAsync(folder))
            Assert.True(RegistrationLink.TryParse((await relay.FirstLinkAsync()).Trim(), out _));
        await using var again = await RelayProcess.StartAsync(folder);
        await again.TerminateAsync();
        Assert.Empty(await again.OutputAsync());
    }

    [Fact]
    public async Task The_first_start_is_safe_says_what_to_do_next_and_its_link_makes_one_account()
    {
        using var folder = new RelayFolder();
        RegistrationLink? link;
        await using (var relay = await RelayProcess.StartAsync(folder))
        {
            Assert.True(IPAddress.IsLoopback(IPAddress.Parse(relay.Address.Host)));
            using var ann = new Person(relay.Address, relay.Key);
            await Refusal.IsAsync(Wire.Problems.RelayProblem.TokenRefused, () => ann.RegisterAsync());
            Assert.Equal(0, await relay.TerminateAsync());
            Assert.True(RegistrationLink.TryParse((await relay.OutputAsync()).Trim(), out link));
        }

        await using (var again = await RelayProcess.StartAsync(folder))
        {
            using var ann = new Person(again.Address, again.Key);
            await ann.RegisterAsync(link!.Token.ToArray());
            Assert.Equal(0, await again.TerminateAsync());
            Assert.Equal("", await again.OutputAsync());
        }
    }

    [Fact]
    public async Task Folder_and_key_are_closed_to_other_users()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes");
        using var folder = new RelayFolder();
        Directory.Delete(folder.Path);
        await using var relay = await RelayProcess.StartAsync(folder);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "relay.key")));
    }

    [Fact]
    public async Task Two_relays_do_not_share_a_folder()
    {
        using var folder = new RelayFolder();
        await using var relay = await RelayProcess.StartAsync(folder);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RelayProcess.StartAsync(folder));
        Assert.Contains("Another relay uses", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_ready_and_unknown_routes_are_problems()
    {
        await using var relay = await TestRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };

        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync(Routes.Live)).StatusCode);
        Assert.Equal("ready", await http.GetStringAsync(Routes.Ready));
        using var unknown = await http.GetAsync("/nowhere");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.StatusCode, unknown.Content.Headers.ContentType?.MediaType));
        using var stream = await http.GetAsync(Routes.Stream);
        Assert.Equal(HttpStatusCode.BadRequest, stream.StatusCode);
    }

    [Fact]
    public async Task A_tight_disk_shows_in_health_refuses_posts_and_lets_readers_go_on()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        await stream.AskAsync(channel.Message([1]));
        await relay.RestartAsync(freeDisk: 1);
        await using var after = await relay.ConnectAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync(Routes.Ready)).StatusCode);
        await Refusal.IsAsync(Wire.Problems.RelayProblem.StorageFull, () => after.AskAsync(channel.Message([1])));
        var reads = (await after.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        Assert.Equal(1UL, (await after.EntryAsync(reads.Subscription)).Sequence);
        await after.AskAsync(TestChannel.Acknowledge(reads.Subscription, 1));
    }

    [Theory]
    [InlineData("/v1/accounts/****/card")]
    [InlineData("/v1/accounts/AQ/card")]
    [InlineData("/v1/accounts/%00/directory")]
    [InlineData("/v1/channels/x/blobs/y")]
    public async Task A_path_whose_id_is_none_is_malformed(string path)
    {
        await using var relay = await TestRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        foreach (var token in new[] { "*", "AQ==", new string('A', 43), new string('*', 43) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(SottoHeaders.Token, token);
            request.Headers.TryAddWithoutValidation(SottoHeaders.Capability, token);
            Assert.Equal(HttpStatusCode.BadRequest, (await http.SendAsync(request)).StatusCode);
        }
    }

    [Theory]
    [InlineData("GET /v1/relay HTTP/1.1\r\nHost: x\r\nX: ", 20_000, "431")]
    [InlineData("GET /", 4_000, "414")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 0, "413")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "400")]
    [InlineData("GET /v1/relay HTTP/1.1\r\n\r\n", 0, "400")]
    [InlineData("nonsense\r\n\r\n", 0, "400")]
    public async Task Http_beyond_the_limits_is_refused_and_the_relay_goes_on(string start, int filler, string status)
    {
        await using var relay = await TestRelay.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, relay.Server.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(start + new string('a', filler)));
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(StreamClient.Patience);

        Assert.Equal("HTTP/1.1 " + status, Encoding.ASCII.GetString(answer));
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        Assert.Equal("ready", await http.GetStringAsync(Routes.Ready));
    }
}
