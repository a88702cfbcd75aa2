using System.Text.Json;
using System.Text.RegularExpressions;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>Two people talk through the relay of one of them, each with the real command.</summary>
public sealed class MessengerTests
{
    [Fact]
    public async Task A_host_and_a_joiner_talk_both_ways_and_everything_is_stored()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        await using (var ann = Host(annsHome))
        {
            var invite = await InviteAsync(ann);
            var joined = await SottoProcess.FinishedAsync(bobsHome, [], "join", invite, "--name", "Bob");
            Assert.Equal(0, await joined.ExitAsync());
            Assert.Contains("Ann invites you", joined.Error.Text);
            await ann.Error.WaitForAsync("Bob is here, verified by the invite");

            var sent = await SottoProcess.FinishedAsync(bobsHome, [], "send", "Ann", "Hello Ann, 你好 👋");
            Assert.Equal((0, ""), (await sent.ExitAsync(), sent.Error.Text));
            await ann.Out.WaitForAsync("^<Bob> Hello Ann, 你好 👋\n");
            await ann.SendAsync("Hello Bob\n");
            await ReadsAsync(bobsHome, "Ann", "<Bob> Hello Ann, 你好 👋\n<Ann> Hello Bob\n");
        }

        Assert.All(annsHome.ProfileFiles().Concat(bobsHome.ProfileFiles()).Where(file => Path.GetExtension(file) != ".sock"), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf("Hello"u8)));
    }

    [Fact]
    public async Task What_is_sent_while_the_other_is_away_is_there_when_they_come_back()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        int port;
        await using (var ann = Host(annsHome))
        {
            var invite = await InviteAsync(ann);
            port = int.Parse(invite.Split('#')[0].Split(':')[^1]);
            Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "join", invite, "--name", "Bob")).ExitAsync());
            await ann.Error.WaitForAsync("Bob is here");
            await ann.SendAsync("while you were away\n");
            await ReadsAsync(bobsHome, "Ann", "<Ann> while you were away\n");
            ann.Kill();
        }

        // Nobody is there: it is stored, and says so.
        var waiting = await SottoProcess.FinishedAsync(bobsHome, [], "send", "Ann", "are you there?", "--timeout", "2");
        Assert.Equal(6, await waiting.ExitAsync());

        await using var again = Host(annsHome, port);
        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "send", "Ann", "second")).ExitAsync());
        await again.Out.WaitForAsync("<Bob> are you there\\?\n<Bob> second\n");
    }

    [Fact]
    public async Task A_used_invite_lets_nobody_else_in_and_leaves_no_account()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        using var evesHome = new Home();
        await using var ann = Host(annsHome);
        var invite = await InviteAsync(ann);
        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "join", invite, "--name", "Bob")).ExitAsync());

        var eve = await SottoProcess.FinishedAsync(evesHome, [], "join", invite, "--name", "Eve");

        Assert.Equal(4, await eve.ExitAsync());
        Assert.Contains("was used", eve.Error.Text);
    }

    [Fact]
    public async Task Messages_as_JSON_are_one_object_a_line()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        await using var ann = Host(annsHome);
        var joined = SottoProcess.Start(bobsHome, "join", "-", "--name", "Bob");
        await using (joined)
        {
            await joined.SendAllAsync(System.Text.Encoding.UTF8.GetBytes(await InviteAsync(ann) + "\n"));
            Assert.Equal(0, await joined.ExitAsync());
        }

        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "send", "Ann", "one")).ExitAsync());
        var read = await SottoProcess.FinishedAsync(bobsHome, [], "read", "Ann", "--json");

        using var message = JsonDocument.Parse(Assert.Single(read.Out.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("one", message.RootElement.GetProperty("text").GetString());
        Assert.Equal("Bob", message.RootElement.GetProperty("sender").GetString());
        Assert.True(message.RootElement.GetProperty("own").GetBoolean());
    }

    [Fact]
    public async Task Every_verb_works_while_a_host_holds_the_profile()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        await using var ann = Host(annsHome);
        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "join", await InviteAsync(ann), "--name", "Bob")).ExitAsync());
        await ann.Error.WaitForAsync("Bob is here");

        Assert.Equal("", await SaysAsync(annsHome, "send", "Bob", "from a script"));
        Assert.Equal("<Ann> from a script\n", await SaysAsync(annsHome, "read", "Bob"));
        Assert.Matches("^Bob\t[a-z2-7]{32}\tverified by the invite\n$", await SaysAsync(annsHome, "chats"));
        var number = await SaysAsync(annsHome, "verify", "Bob", "yes");
        Assert.Matches("verified by the safety number.*\n([0-9]{5} ){11}[0-9]{5}\n$", number);
        Assert.Equal(number.Split('\n')[1], (await SaysAsync(bobsHome, "verify", "Ann")).Split('\n')[1]);
        var invite = await SaysAsync(annsHome, "invite", "new");
        var name = Regex.Match(await SaysAsync(annsHome, "invite", "list"), "([0-9a-f]{8})\topen").Groups[1].Value;
        await SaysAsync(annsHome, "invite", "revoke", name);

        using var evesHome = new Home();
        var eve = await SottoProcess.FinishedAsync(evesHome, [], "join", invite.Trim(), "--name", "Eve");
        Assert.Equal(4, await eve.ExitAsync());
        Assert.Contains("taken back", eve.Error.Text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Home.ModeOf(Path.Combine(annsHome.Profile, "client", "control.sock")));
    }

    [Fact]
    public async Task Who_listens_gets_messages_and_the_sender_learns_that_they_were_read()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        await using var ann = Host(annsHome);
        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "join", await InviteAsync(ann), "--name", "Bob")).ExitAsync());
        await ann.Error.WaitForAsync("Bob is here");
        await using var listening = SottoProcess.Start(bobsHome, "listen", "--json");

        Assert.Equal("", await SaysAsync(annsHome, "send", "Bob", "are you listening?", "--wait", "read"));

        await listening.Out.WaitForAsync("\"text\":\"are you listening\\?\"");
        await listening.TerminateAsync();
        Assert.Equal(0, await listening.ExitAsync());
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_refused_with_the_choices()
    {
        using var annsHome = new Home();
        using var bobsHome = new Home();
        await using var ann = Host(annsHome);
        Assert.Equal(0, await (await SottoProcess.FinishedAsync(bobsHome, [], "join", await InviteAsync(ann), "--name", "Bob")).ExitAsync());

        var refused = await SottoProcess.FinishedAsync(bobsHome, [], "send", "Nobody", "x");

        Assert.Equal(1, await refused.ExitAsync());
        Assert.Contains("You talk with: Ann.", refused.Error.Text);
    }

    private static async Task<string> SaysAsync(Home home, params string[] arguments)
    {
        var process = await SottoProcess.FinishedAsync(home, [], arguments);
        Assert.Equal((0, ""), (await process.ExitAsync(), process.Error.Text));
        return process.Out.Text;
    }

    private static SottoProcess Host(Home home, int port = 0) => SottoProcess.Start(home, "host", "--name", "Ann", "--listen", $"127.0.0.1:{port}");

    private static async Task<string> InviteAsync(SottoProcess host) => (await host.Error.WaitForAsync(@"sotto:i/\S+")).Value;

    private static async Task ReadsAsync(Home home, string from, string expected)
    {
        var read = await SottoProcess.FinishedAsync(home, [], "read", from);
        Assert.Equal(0, await read.ExitAsync());
        Assert.Equal(expected, read.Out.Text);
    }
}
