using System.Diagnostics;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary><c>./sotto</c> in a fresh clone: builds, and is then the program.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    [SlowFact]
    public async Task A_fresh_clone_builds_itself_and_talks_from_any_folder()
    {
        var clone = Path.Combine(_ann.Folder, "clone");
        await GitAsync("clone", "--quiet", "--no-hardlinks", Repository.Root, clone);
        var launcher = Path.Combine(clone, "sotto");
        byte[] content = [.. "first\r\n"u8, 0x00, 0xFF, .. "\nlast"u8];

        await using var first = SottoProcess.Run(launcher, _bob, [], "direct", "join", "-");
        await first.SendAllAsync("no invite: at all\n"u8.ToArray());
        await first.Error.Ended.WaitAsync(10 * Limits.Patience);
        Assert.Equal(1, await first.ExitAsync());
        Assert.StartsWith("sotto: building ...\nsotto: ", first.Error.Text, StringComparison.Ordinal);
        Assert.Empty(first.Out.Bytes);

        await using var ann = SottoProcess.Run(launcher, _ann, [], "direct", "host", "--listen", "127.0.0.1:0");
        await using var bob = SottoProcess.Run(launcher, _bob, [], "direct", "join", "-");
        await bob.SendAllAsync([.. System.Text.Encoding.UTF8.GetBytes(await ann.InviteAsync()), (byte)'\n', .. content]);
        ann.EndInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(content, ann.Out.Bytes);
        Assert.DoesNotContain("building", ann.Error.Text + bob.Error.Text, StringComparison.Ordinal);
        Assert.Equal("", await GitAsync("-C", clone, "status", "--porcelain"));
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static async Task<string> GitAsync(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = git.StandardOutput.ReadToEndAsync();
        var complaint = await git.StandardError.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.True(git.ExitCode == 0, complaint);
        return await said;
    }
}
