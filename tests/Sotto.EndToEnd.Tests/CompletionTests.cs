using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>The scripts that shells complete with.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("sotto inv", "invite")]
    [InlineData("sotto invite re", "revoke")]
    [InlineData("sotto send --wa", "--wait")]
    [InlineData("sotto send Ann --wait de", "delivered")]
    [InlineData("sotto completion fi", "fish")]
    public async Task Bash_completes_what_is_typed(string typed, string expected)
    {
        var script = _home.Write("sotto.bash", await ScriptAsync("bash"));
        const string complete = """
            source "$1"
            sotto() { "$SOTTO" "$@"; }
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            "$(complete -p sotto | sed 's/.*-F \([^ ]*\).*/\1/')"
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        await using var bash = SottoProcess.Run("bash", _home, new() { ["SOTTO"] = Repository.Sotto }, "-c", complete, "bash", script, typed);
        bash.EndInput();

        Assert.Equal((0, ""), (await bash.ExitAsync(), bash.Error.Text));
        Assert.Equal(expected + "\n", bash.Out.Text);
    }

    [Theory]
    [InlineData("zsh", "compdef _sotto sotto", "[suggest:$CURSOR]")]
    [InlineData("fish", "complete --command sotto", "[suggest:\"(string length")]
    [InlineData("powershell", "Register-ArgumentCompleter -Native -CommandName sotto", "[suggest:$position]")]
    public async Task Other_shells_get_a_script_that_asks_the_program_too(string shell, string registers, string asks)
    {
        var script = await ScriptAsync(shell);

        Assert.Contains(registers, script, StringComparison.Ordinal);
        Assert.Contains(asks, script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_shell_is_refused_with_the_choices()
    {
        await using var refused = await SottoProcess.FinishedAsync(_home, [], "completion", "csh");

        Assert.Equal(1, await refused.ExitAsync());
        Assert.Contains("'fish'", refused.Error.Text, StringComparison.Ordinal);
    }

    private async Task<string> ScriptAsync(string shell)
    {
        await using var printed = await SottoProcess.FinishedAsync(_home, [], "completion", shell);
        Assert.Equal((0, ""), (await printed.ExitAsync(), printed.Error.Text));
        return printed.Out.Text;
    }
}
