using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary><c>sotto</c> alone: the chats, and talking in them.</summary>
public sealed class ChatListTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public async Task Without_a_terminal_it_lists_the_chats_and_ends()
    {
        await using var ann = await JoinedAsync();

        await using var list = await SottoProcess.FinishedAsync(_bob, []);

        Assert.Equal(0, await list.ExitAsync());
        Assert.Matches("^Ann\t[a-z2-7]{32}\tverified by the invite\n$", list.Out.Text);
    }

    [Fact]
    public async Task On_a_terminal_the_list_comes_first_and_lines_go_to_the_only_chat()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is missing (Debian: tmux)");
        await using var ann = await JoinedAsync();
        await ann.SendAsync("waiting for you\n");
        await using var waiting = await SottoProcess.FinishedAsync(_ann, [], "send", "Bob", "the last one", "--wait", "sent");
        Assert.Equal(0, await waiting.ExitAsync());

        await using var bob = await Tmux.StartAsync(_bob, 80);

        await bob.WaitForAsync(@"You are Bob, account [a-z2-7]{32}\.");
        await bob.WaitForAsync(@"^  Ann \(verified by the invite");
        await bob.WaitForAsync("^<Ann> waiting for you\n<Ann> the last one");
        await bob.EnterAsync("here I am");
        await ann.Out.WaitForAsync("^<Bob> here I am\n");
        await ann.SendAsync("good\n");
        await bob.WaitForAsync("^<Ann> good");
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(await bob.CaptureAsync(), "<Ann> the last one"));
        await bob.PressAsync("C-d");
        await bob.WaitForAsync("^EXIT 0");

        await using var again = await Tmux.StartAsync(_bob, 80);
        await again.WaitForAsync("^<Bob> here I am\n<Ann> good");
        await again.PressAsync("C-d");
        await again.WaitForAsync("^EXIT 0");
    }

    [Fact]
    public async Task While_another_program_holds_the_profile_it_lists_the_chats_and_says_so()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is missing (Debian: tmux)");
        await using var host = await JoinedAsync();

        await using var ann = await Tmux.StartAsync(_ann, 80);

        await ann.WaitForAsync("(?s)^Bob.*Another program has this profile open.*^EXIT 0");
    }

    [Fact]
    public async Task The_question_for_a_passphrase_is_broken_between_words()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is missing (Debian: tmux)");
        await using var ann = await Tmux.StartAsync(_ann, 60, "host", "--listen", "127.0.0.1:0");
        await ann.WaitForAsync("^A passphrase, or Enter for none:");

        var rows = (await ann.RowsAsync()).Split('\n').TakeWhile(row => !row.StartsWith("A passphrase", StringComparison.Ordinal)).Select(row => row.TrimEnd());

        Assert.Contains("Your keys and messages are encrypted on this disk. With a", rows);
        Assert.Contains("passphrase nobody can read them who has the disk alone;", rows);
        await ann.PressAsync("C-c");
        await ann.WaitForAsync("^EXIT 1");
    }

    private async Task<SottoProcess> JoinedAsync()
    {
        var ann = SottoProcess.Start(_ann, "host", "--name", "Ann", "--listen", "127.0.0.1:0");
        var invite = (await ann.Error.WaitForAsync(@"sotto:i/\S+")).Value;
        await using var joined = await SottoProcess.FinishedAsync(_bob, [], "join", invite, "--name", "Bob");
        Assert.Equal(0, await joined.ExitAsync());
        await ann.Error.WaitForAsync("Bob is here");
        return ann;
    }
}
