using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary><c>join -</c>: the invite is the first line of stdin, the rest is sent.</summary>
public sealed class InputTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("  \n")]
    public async Task The_invite_may_come_on_stdin_before_the_lines(string lineEnd)
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, "-");
        await bob.SendAsync($"{await ann.InviteAsync()}{lineEnd}first\r\nlast");
        bob.EndInput();
        await ann.SendAllAsync([]);

        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal("first\r\nlast", ann.Out.Text);
    }

    [Fact]
    public async Task An_invite_alone_on_stdin_needs_no_line_end()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, "-");
        await bob.SendAsync(await ann.InviteAsync());
        bob.EndInput();
        await ann.SendAllAsync("for Bob\n"u8.ToArray());

        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("for Bob\n", bob.Out.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("nothing that is an invite: at all\n")]
    public async Task No_invite_on_stdin_is_1(string input)
    {
        await using var bob = SottoProcess.Join(_bob, "-");
        await bob.SendAsync(input);
        bob.EndInput();

        Assert.Equal(1, await bob.ExitAsync());
        Assert.Matches("^sotto: ", bob.Error.Text);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }
}
