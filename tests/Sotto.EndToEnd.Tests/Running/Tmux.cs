using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>One terminal in a tmux server of its own, which is ended with it.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private readonly string _socket = $"sotto-test-{Guid.NewGuid():N}";
    private readonly int _columns;

    private Tmux(int columns) => _columns = columns;

    public static bool IsThere => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "tmux")));

    /// <summary>Runs the command with arguments in a new terminal; its exit code is shown as <c>EXIT n</c>.</summary>
    public static async Task<Tmux> StartAsync(Home home, int columns, params string[] arguments)
    {
        var terminal = new Tmux(columns);
        var quoted = string.Join(' ', arguments.Select(argument => $"'{argument.Replace("'", "'\\''")}'"));
        await terminal.CallAsync("new-session", "-d", "-x", $"{columns}", "-y", "55", "env", $"SOTTO_HOME={home.Profile}", "LC_ALL=C.UTF-8", "sh", "-c", $"'{Repository.Sotto}' {quoted}; echo EXIT $?; cat");
        return terminal;
    }

    /// <summary>Types literally.</summary>
    public Task TypeAsync(string text) => CallAsync("send-keys", "-l", text);

    /// <summary>Presses keys by tmux's names.</summary>
    public Task PressAsync(params string[] keys) => CallAsync(["send-keys", .. keys]);

    /// <summary>Types a line and presses Enter.</summary>
    public async Task EnterAsync(string text)
    {
        await TypeAsync(text);
        await PressAsync("Enter");
    }

    /// <summary>What is on the screen, wrapped rows joined.</summary>
    public Task<string> CaptureAsync() => CallAsync("capture-pane", "-p", "-J", "-S", "-200");

    /// <summary>What is on the screen, row by row.</summary>
    public Task<string> RowsAsync() => CallAsync("capture-pane", "-p");

    public async Task<Match> WaitForAsync(string pattern)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var shown = await CaptureAsync();
            if (Regex.Match(shown, pattern, RegexOptions.Multiline) is { Success: true } found)
                return found;
            if (limit.Elapsed > Limits.Patience)
                throw new TimeoutException($"/{pattern}/ was not shown in {_columns} columns:\n{shown}");
        }
    }

    public async ValueTask DisposeAsync() => await CallAsync("kill-server");

    private async Task<string> CallAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-u", "-L", _socket, "-f", "/dev/null", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("TMUX");
        using var call = Process.Start(start)!;
        var output = await call.StandardOutput.ReadToEndAsync();
        await call.WaitForExitAsync();
        return output;
    }
}
