using System.Text;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>Two people at two real terminals.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Missing = "tmux is missing (Debian: tmux)";

    private readonly Home _ann = new();
    private readonly Home _bob = new();

    public TerminalTests() => Assert.SkipUnless(Tmux.IsThere, Missing);

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public async Task Two_terminals_talk_by_invite_and_an_incoming_line_leaves_the_typed_one_whole()
    {
        await using var ann = await HostAsync();
        await using var bob = await JoinAsync(await InviteAsync(ann), columns: 44);
        await bob.WaitForAsync("Ann is here, verified by the invite");
        await bob.TypeAsync("half typed 日本");
        await bob.WaitForAsync("^> half typed 日本");
        await ann.EnterAsync("first 👋 漢字 line of Ann's, longer than the other window is wide");
        await bob.WaitForAsync("<Ann> first 👋 漢字 line of Ann's");
        Assert.Contains("> half typed 日本", (await bob.RowsAsync()).Split('\n').Last(row => row.Trim().Length > 0), StringComparison.Ordinal);
        await bob.PressAsync("Left", "Left", "Home");
        await bob.EnterAsync("now ");
        await ann.WaitForAsync("^<Bob> now half typed 日本");

        await bob.PressAsync("C-d");
        await bob.WaitForAsync("^EXIT 0");
        await ann.WaitForAsync("^EXIT 0");
    }

    [Fact]
    public async Task By_address_both_see_one_code_and_a_yes_verifies()
    {
        await using var ann = await HostAsync();
        var port = (await ann.WaitForAsync(@"port (\d+);")).Groups[1].Value;
        await using var bob = await JoinAsync($"127.0.0.1:{port}", columns: 100);
        var atBob = (await bob.WaitForAsync(@"by voice: (\d{3} \d{3})")).Groups[1].Value;
        var atAnn = (await ann.WaitForAsync(@"by voice: (\d{3} \d{3})")).Groups[1].Value;
        Assert.Equal(atAnn, atBob);
        await bob.EnterAsync("who is this?");
        await ann.WaitForAsync("^<Bob, not verified> who is this");
        await ann.EnterAsync("/verify yes");
        await ann.WaitForAsync("Bob is verified");
        await bob.EnterAsync("and now?");
        await ann.WaitForAsync("^<Bob> and now");
        await bob.EnterAsync("/verify no");
        await bob.WaitForAsync("^EXIT 4");
        await ann.WaitForAsync("^EXIT 4");
    }

    [Fact]
    public async Task A_file_goes_over_when_it_is_accepted_and_many_pasted_lines_come_in_order()
    {
        var content = new byte[1_500_000];
        new Random(3).NextBytes(content);
        var file = _bob.Write("picture.bin", content);
        await using var ann = await HostAsync();
        await using var bob = await JoinAsync(await InviteAsync(ann), columns: 100);
        await bob.WaitForAsync("Ann is here");
        await bob.EnterAsync($"/send {file}");
        await ann.WaitForAsync("offers a file: picture.bin");
        var target = Path.Combine(_ann.Folder, "taken");
        await ann.EnterAsync($"/accept 1 {target}");
        await bob.WaitForAsync("picture.bin was delivered whole");
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(target, "picture.bin")));

        await bob.TypeAsync("\u001b[200~one\ntwo\nthree\u001b[201~");
        await bob.PressAsync("Enter");
        await ann.WaitForAsync("^<Bob> one\n<Bob> two\n<Bob> three");
        await ann.EnterAsync("/quit");
        await ann.WaitForAsync("^EXIT 0");
        await bob.WaitForAsync("^EXIT 0");
    }

    [Fact]
    public async Task Control_and_bidi_characters_of_the_peer_are_marks_and_do_nothing()
    {
        await using var ann = await HostAsync();
        await using var bob = SottoProcess.Start(_bob, "direct", "join", await InviteAsync(ann), "--name", "Bob\u001b[31m");
        await bob.SendAsync(Encoding.UTF8.GetBytes("\u001b]0;owned\u0007\u001b[2Jred \u202Egnp.exe\u0000\r over\n"));
        await ann.WaitForAsync("^<Bob.*red .*gnp.exe.* over");
        var shown = await ann.CaptureAsync();
        Assert.Contains("This invite lets one person in", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', shown);
        bob.EndInput();
        Assert.Equal(0, await bob.ExitAsync());
    }

    [Fact]
    public async Task Paper_mode_talks_between_two_terminals()
    {
        await using var ann = await Tmux.StartAsync(_ann, 110, "direct", "host", "--paper", "--listen", "127.0.0.1:0");
        var port = (await ann.WaitForAsync(@"port (\d+)\.")).Groups[1].Value;
        var key = (await ann.WaitForAsync(@"hand over yourself:\s+(\S+)")).Groups[1].Value;
        await using var bob = await Tmux.StartAsync(_bob, 110, "direct", "join", $"127.0.0.1:{port}", "--paper", "--key-file", _bob.Write("key", key + "\n"));
        await ann.WaitForAsync("Somebody with a connection is here");
        await bob.WaitForAsync("Somebody with a connection is here");
        await bob.EnterAsync("on paper");
        await ann.WaitForAsync("^<peer, not verified> on paper");
        await ann.EnterAsync("as planned");
        await bob.WaitForAsync("^<peer, not verified> as planned");
        await bob.PressAsync("C-d");
        await bob.WaitForAsync("^EXIT 0");
    }

    private Task<Tmux> HostAsync() => Tmux.StartAsync(_ann, 110, "direct", "host", "--listen", "127.0.0.1:0", "--name", "Ann");

    private Task<Tmux> JoinAsync(string target, int columns) => Tmux.StartAsync(_bob, columns, "direct", "join", target, "--name", "Bob");

    private static async Task<string> InviteAsync(Tmux host) => (await host.WaitForAsync(@"sotto:d/\S+#[A-Za-z0-9_-]{44}")).Value;
}
