using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>Secrets typed at a terminal: not echoed, not even when they are pasted the moment the prompt is there.</summary>
public sealed class PromptTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    public PromptTests() => Assert.SkipUnless(Tmux.IsThere, "tmux is missing (Debian: tmux)");

    [Fact]
    public async Task The_papers_key_is_typed_and_not_shown()
    {
        await using var ann = SottoProcess.Host(_ann, "--paper");
        var key = (await ann.Error.WaitForAsync(@"hand over yourself:\s+(\S{44})")).Groups[1].Value;
        await using var bob = await Tmux.StartAsync(_bob, 100, "direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--paper");
        await bob.WaitForAsync("The key that the host printed:");
        await bob.EnterAsync(key);
        await bob.WaitForAsync("Somebody with a connection is here");
        await bob.EnterAsync("on paper");
        await ann.Out.WaitForAsync("^on paper\n$");
        Assert.DoesNotContain(key[..8], await bob.CaptureAsync(), StringComparison.Ordinal);
        await bob.PressAsync("C-d");
        ann.EndInput();

        await bob.WaitForAsync("^EXIT 0");
        Assert.Equal(0, await ann.ExitAsync());
    }

    [Fact]
    public async Task A_new_passphrase_is_typed_twice_and_not_shown()
    {
        await using var ann = await Tmux.StartAsync(_ann, 100, "direct", "passphrase");
        await ann.WaitForAsync("^New passphrase:");
        await ann.EnterAsync("correct hXorse");
        await ann.WaitForAsync("^The same again:");
        await ann.TypeAsync("correct hXo");
        await ann.PressAsync("BSpace", "BSpace", "X", "o");
        await ann.EnterAsync("rse");
        await ann.WaitForAsync("(?s)is under the passphrase.*^EXIT 0");
        Assert.DoesNotMatch("correct|orse", await ann.CaptureAsync());

        await using var join = await SottoProcess.FinishedAsync(_ann, new() { ["SOTTO_PASSPHRASE_FILE"] = _ann.Write("passphrase", "correct hXorse") }, "direct", "join", "127.0.0.1:1");
        Assert.Equal(3, await join.ExitAsync());
    }

    [Fact]
    public async Task Two_that_differ_and_a_change_of_mind_change_nothing()
    {
        await using var ann = await Tmux.StartAsync(_ann, 100, "direct", "passphrase");
        await ann.WaitForAsync("^New passphrase:");
        await ann.EnterAsync("one");
        await ann.WaitForAsync("^The same again:");
        await ann.EnterAsync("two");
        await ann.WaitForAsync("(?s)Nothing was changed.*^EXIT 1");
        await using var again = await Tmux.StartAsync(_ann, 100, "direct", "passphrase");
        await again.WaitForAsync("^New passphrase:");
        await again.PressAsync("C-c");
        await again.WaitForAsync("(?s)Nothing was entered.*^EXIT 1");

        await using var join = await SottoProcess.FinishedAsync(_ann, [], "direct", "join", "127.0.0.1:1");
        Assert.Equal(3, await join.ExitAsync());
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }
}
