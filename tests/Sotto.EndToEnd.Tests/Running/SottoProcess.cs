using System.Diagnostics;
using System.Text;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>A run of the real command with its streams as pipes. Killed on dispose when it still runs.</summary>
internal sealed class SottoProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SottoProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        Out = new("stdout", _process.StandardOutput.BaseStream);
        Error = new("stderr", _process.StandardError.BaseStream);
    }

    public int Id => _process.Id;

    public TextStream Out { get; }

    public TextStream Error { get; }

    /// <summary>Starts the command under a profile.</summary>
    public static SottoProcess Start(Home home, params string[] arguments) => StartWith(home, [], arguments);

    /// <summary>Starts the command under a profile, with more in its environment.</summary>
    public static SottoProcess StartWith(Home home, Dictionary<string, string> environment, params string[] arguments) =>
        Run(Repository.Sotto, home, environment, arguments);

    /// <summary>Starts another program as if it were the command.</summary>
    public static SottoProcess Run(string program, Home home, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Folder,
        };
        Environments.Prepare(start.Environment, home);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(start);
    }

    /// <summary>Starts a host on a free port of loopback.</summary>
    public static SottoProcess Host(Home home, params string[] more) => Start(home, ["direct", "host", "--listen", "127.0.0.1:0", "--name", "Ann", .. more]);

    /// <summary>Starts a joiner.</summary>
    public static SottoProcess Join(Home home, string target, params string[] more) => Start(home, ["direct", "join", target, "--name", "Bob", .. more]);

    /// <summary>Runs to the end without input.</summary>
    public static async Task<SottoProcess> FinishedAsync(Home home, Dictionary<string, string> environment, params string[] arguments)
    {
        var process = StartWith(home, environment, arguments);
        process.EndInput();
        await process.ExitAsync();
        return process;
    }

    /// <summary>The invite that the host prints.</summary>
    public async Task<string> InviteAsync() => (await Error.WaitForAsync(@"sotto:d/\S+")).Value;

    /// <summary>Where the host listens.</summary>
    public async Task<int> PortAsync() => int.Parse((await Error.WaitForAsync(@"Listening on [^\n]*?port (\d+)[;.]")).Groups[1].Value);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        var input = _process.StandardInput.BaseStream;
        await input.WriteAsync(bytes).AsTask().WaitAsync(Limits.Patience);
        await input.FlushAsync();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Sends everything and ends the input.</summary>
    public async Task SendAllAsync(byte[] bytes)
    {
        await SendAsync(bytes);
        EndInput();
    }

    /// <summary>The exit code, when all streams are read to their end.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Limits.Patience);
            await Task.WhenAll(Out.Ended, Error.Ended).WaitAsync(Limits.Patience);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"It did not end. stdout:\n{Shorten(Out.Text)}\nstderr:\n{Shorten(Error.Text)}");
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>kill -TERM: asks it to say goodbye.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What other users of the machine see of its arguments.</summary>
    public string CommandLine() => File.ReadAllText($"/proc/{Id}/cmdline").Replace('\0', ' ');

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Shorten(string text) => text.Length <= 4000 ? text : text[..4000] + "…";
}
