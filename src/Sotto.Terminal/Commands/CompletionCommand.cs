using System.CommandLine;

namespace Sotto.Terminal.Commands;

/// <summary>
/// <c>sotto completion SHELL</c>: a script that asks this program what may stand at the cursor, by System.CommandLine's own
/// <c>[suggest:POSITION]</c>. It never goes out of date with the commands.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _sotto() {
            local answers
            answers=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$answers" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _sotto sotto
        """;

    private const string Zsh = """
        #compdef sotto
        _sotto() {
            local -a answers
            answers=("${(@f)$(${~words[1]} "[suggest:$CURSOR]" "$BUFFER" 2> /dev/null)}")
            compadd -a answers
        }
        compdef _sotto sotto
        """;

    private const string Fish = """
        function __sotto_answers
            set --local line (commandline --current-process --cut-at-cursor)
            sotto "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
        end
        complete --command sotto --no-files --arguments '(__sotto_answers)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName sotto -ScriptBlock {
            param($word, $line, $position)
            sotto "[suggest:$position]" "$line" |
                Where-Object { $_.StartsWith($word) } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal) { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["powershell"] = PowerShell };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", """
            Print a script that completes commands and options in a shell, for a sotto that is in the PATH.

            Examples:
              eval "$(sotto completion bash)"                       in ~/.bashrc
              source <(sotto completion zsh)                        in ~/.zshrc, after compinit
              sotto completion fish | source                        in ~/.config/fish/config.fish
              sotto completion powershell | Out-String | iex        in $PROFILE
            """) { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return ExitCode.Done;
        });
        return command;
    }
}
