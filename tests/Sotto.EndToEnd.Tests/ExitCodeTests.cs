using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>What scripts see when something goes wrong: never 0, and never an answer on stdout.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();
    private readonly Home _eve = new();

    [Theory]
    [InlineData("sotto:d/abc", "not a whole invite")]
    [InlineData("sotto:d/", "not a whole invite")]
    [InlineData("host:port:7787", "is not an address")]
    [InlineData("127.0.0.1:99999", "is not an address")]
    [InlineData("", "is not an address")]
    public async Task A_malformed_invite_or_address_is_1(string target, string says) =>
        await AssertRefusedAsync(1, says, "direct", "join", target);

    [Theory]
    [InlineData("direct", "join", "--nonsense")]
    [InlineData("direct", "join", "127.0.0.1:7787", "--nonsense")]
    [InlineData("direct", "host", "--nonsense")]
    [InlineData("direct", "host", "--exchange", "none")]
    [InlineData("direct", "host", "--listen", "not.an.ip:7787")]
    [InlineData("direct", "host", "--listen", "123456")]
    [InlineData("direct", "host", "--key-file", "x")]
    [InlineData("direct", "peers", "forget", "Nobody")]
    [InlineData("direct")]
    [InlineData("--nonsense")]
    [InlineData("nonsense")]
    public async Task A_call_that_cannot_work_is_1(params string[] arguments) => await AssertRefusedAsync(1, ".", arguments);

    [Fact]
    public async Task Nobody_listening_is_3() =>
        await AssertRefusedAsync(3, "No host answered", "direct", "join", $"127.0.0.1:{FreePort()}");

    [Theory]
    [InlineData]
    [InlineData("--paper")]
    public async Task A_port_in_use_is_3(params string[] mode)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await AssertRefusedAsync(3, "in use", ["direct", "host", "--listen", other.LocalEndpoint.ToString()!, .. mode]);
    }

    [Fact]
    public async Task A_changed_key_is_4_until_the_old_one_is_forgotten()
    {
        await TalkAsync(_bob);
        await using var ann = SottoProcess.Host(_ann, "--keep");
        await using var other = SottoProcess.Join(_eve, await ann.InviteAsync());
        Assert.Equal(4, await other.ExitAsync());
        Assert.Matches("remembers another key under your name", other.Error.Text);
        await ann.Error.WaitForAsync("(?s)shows another key.*peers forget Bob");

        await using var list = await SottoProcess.FinishedAsync(_ann, [], "direct", "peers", "list");
        Assert.Matches("^Bob  [0-9a-f ]{39}  verified", list.Out.Text);
        await using var forget = await SottoProcess.FinishedAsync(_ann, [], "direct", "peers", "forget", "Bob");
        Assert.Equal(0, await forget.ExitAsync());
        await using var again = SottoProcess.Join(_eve, await ann.InviteAsync());
        await again.SendAllAsync("let in\n"u8.ToArray());
        await ann.Out.WaitForAsync("let in\n");
        Assert.Equal(0, await again.ExitAsync());
    }

    [Fact]
    public async Task Another_host_at_a_known_address_is_4_and_gets_nothing()
    {
        int port;
        await using (var ann = SottoProcess.Host(_ann, "--allow-unverified"))
        {
            port = await ann.PortAsync();
            await using var bob = SottoProcess.Join(_bob, $"127.0.0.1:{port}", "--allow-unverified");
            await Task.WhenAll(bob.SendAllAsync("hello\n"u8.ToArray()), ann.SendAllAsync([]));
            Assert.Equal(0, await bob.ExitAsync());
            Assert.Equal(0, await ann.ExitAsync());
        }

        await using var eve = SottoProcess.Start(_eve, "direct", "host", "--listen", $"127.0.0.1:{port}", "--name", "Ann");
        await eve.PortAsync();
        await using var back = SottoProcess.Join(_bob, $"127.0.0.1:{port}", "--allow-unverified");
        await back.SendAllAsync("for Ann alone\n"u8.ToArray());
        Assert.Equal(4, await back.ExitAsync());
        Assert.Matches("(?s)shows another key. Nothing was sent.*remembered +[0-9a-f ]+.*shown now +[0-9a-f ]+.*sotto direct peers forget Ann", back.Error.Text);
        Assert.Empty(eve.Out.Bytes);
    }

    [Fact]
    public async Task A_pipe_gives_nothing_to_a_stranger_and_the_invited_person_still_gets_in()
    {
        await using var ann = SottoProcess.Host(_ann);
        await ann.SendAllAsync("for Bob alone\n"u8.ToArray());
        var target = $"127.0.0.1:{await ann.PortAsync()}";
        await using var careful = SottoProcess.Join(_eve, target);
        await careful.SendAllAsync("for Ann alone\n"u8.ToArray());
        Assert.Equal(4, await careful.ExitAsync());
        Assert.Matches("Nothing was sent", careful.Error.Text);
        await using var eve = SottoProcess.Join(_eve, target, "--allow-unverified");
        Assert.Equal(4, await eve.ExitAsync());
        Assert.Empty(eve.Out.Bytes);

        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await bob.SendAllAsync([]);
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("for Bob alone\n", bob.Out.Text);
        Assert.Equal(0, await ann.ExitAsync());
    }

    [Fact]
    public async Task A_used_invite_is_4()
    {
        await using var ann = SottoProcess.Host(_ann, "--keep");
        var invite = await ann.InviteAsync();
        await using var bob = SottoProcess.Join(_bob, invite);
        await bob.SendAllAsync([]);
        Assert.Equal(0, await bob.ExitAsync());
        await ann.Error.WaitForAsync("has ended");
        await using var eve = SottoProcess.Start(_eve, "direct", "join", invite, "--name", "Eve");

        Assert.Equal(4, await eve.ExitAsync());
        Assert.Matches("already used this invite", eve.Error.Text);
    }

    [Fact]
    public async Task An_invite_to_somebody_else_is_4()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var eve = SottoProcess.Host(_eve);
        var (anns, eves) = (await ann.PortAsync(), await eve.PortAsync());
        var redirected = (await ann.InviteAsync()).Replace($":{anns}", $":{eves}", StringComparison.Ordinal);
        await using var bob = SottoProcess.Join(_bob, redirected);
        await bob.SendAllAsync("for Ann alone\n"u8.ToArray());

        Assert.Equal(4, await bob.ExitAsync());
        Assert.Empty(eve.Out.Bytes);
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task A_host_that_is_busy_is_5(params string[] more)
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await ann.Error.WaitForAsync("Bob is here");
        await using var eve = SottoProcess.Start(_eve, ["direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--name", "Eve", "--allow-unverified", .. more]);

        Assert.Equal(5, await eve.ExitAsync());
        Assert.Matches("talking with somebody else", eve.Error.Text + eve.Out.Text);
        await ann.Error.WaitForAsync("Eve wanted to talk");
        await Task.WhenAll(ann.SendAllAsync("still here\n"u8.ToArray()), bob.SendAllAsync([]));
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("still here\n", bob.Out.Text);
    }

    [Fact]
    public async Task A_host_that_was_killed_leaves_6_with_a_joiner_that_is_told_to_stop()
    {
        var (bob, ann) = await WithUndeliveredLinesAsync();
        await using (ann)
        await using (bob)
        {
            await bob.TerminateAsync();
            Assert.Equal(6, await bob.ExitAsync());
            Assert.Matches("not confirmed by the other side|not all of the input was sent", bob.Error.Text);
        }
    }

    [SlowFact]
    public async Task A_host_that_was_killed_leaves_6_with_a_joiner_that_gives_up_by_itself()
    {
        var (bob, ann) = await WithUndeliveredLinesAsync();
        await using (ann)
        await using (bob)
        {
            await bob.Error.Ended.WaitAsync(5 * Limits.Patience);
            Assert.Equal(6, await bob.ExitAsync());
        }
    }

    [Fact]
    public async Task A_joiner_that_was_killed_leaves_6_with_a_host_that_is_told_to_stop()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await ann.Error.WaitForAsync("Bob is here");
        bob.Kill();
        await ann.Error.WaitForAsync("The connection to Bob is gone");
        await ann.SendAllAsync("nobody will read this\n"u8.ToArray());
        await ann.TerminateAsync();

        Assert.Equal(6, await ann.ExitAsync());
        Assert.Matches("1 line was not confirmed|not all of the input was sent", ann.Error.Text);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
        _eve.Dispose();
    }

    private async Task AssertRefusedAsync(int code, string says, params string[] arguments)
    {
        await using var refused = await SottoProcess.FinishedAsync(_bob, [], arguments);
        Assert.Equal(code, await refused.ExitAsync());
        Assert.Matches(new Regex(says), refused.Error.Text);
        Assert.DoesNotContain("   at ", refused.Error.Text);
        Assert.Empty(refused.Out.Bytes);
    }

    private async Task TalkAsync(Home joiner)
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(joiner, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync([]), bob.SendAllAsync([]));
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
    }

    private async Task<(SottoProcess Bob, SottoProcess Ann)> WithUndeliveredLinesAsync()
    {
        var ann = SottoProcess.Host(_ann);
        var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await bob.Error.WaitForAsync("Ann is here");
        ann.Kill();
        await bob.Error.WaitForAsync("The connection to Ann is gone");
        await bob.SendAllAsync("one\ntwo\n"u8.ToArray());
        return (bob, ann);
    }

    private static int FreePort()
    {
        using var once = new TcpListener(IPAddress.Loopback, 0);
        once.Start();
        return ((IPEndPoint)once.LocalEndpoint).Port;
    }
}
