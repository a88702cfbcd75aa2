using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>The paper's program in Python (<c>tests/Sotto.Direct.Tests/Paper/paper_program.py</c>), at the other end.</summary>
internal sealed class PythonPeer : IAsyncDisposable
{
    private static readonly Lazy<string?> _interpreter = new(Find);

    private readonly Process _process;

    private PythonPeer(Process process)
    {
        _process = process;
        Out = new("Python", process.StandardOutput.BaseStream);
        Error = new("Python's stderr", process.StandardError.BaseStream);
    }

    public TextStream Out { get; }

    public TextStream Error { get; }

    public static async Task<PythonPeer> StartAsync(string key, params string[] role)
    {
        Assert.SkipWhen(_interpreter.Value is null, "No Python 3 with the package cryptography: set SOTTO_PYTHON to one.");
        var script = Repository.PathOf("tests", "Sotto.Direct.Tests", "Paper", "paper_program.py");
        var python = new PythonPeer(Run(_interpreter.Value!, [script, .. role]));
        await python.WriteAsync(key);
        return python;
    }

    public async Task<int> PortAsync() => int.Parse((await Out.WaitForAsync(@"PORT (\d+)\n")).Groups[1].Value);

    public Task SayAsync(params string[] lines) => WriteAsync(string.Join('\t', ["say", .. lines]));

    /// <summary>Waits until it has decrypted these lines, one <c>recv</c> each, and nothing else.</summary>
    public async Task GotAsync(params string[] lines)
    {
        var expected = string.Concat(lines.Select(line => $"GOT {Convert.ToHexStringLower(Encoding.UTF8.GetBytes(line))}\n"));
        await Out.WaitForAsync($"(?s)^(PORT [0-9]+\n)?{expected}");
    }

    /// <summary>Waits until the other side has closed, and ends.</summary>
    public async Task<int> EndAsync()
    {
        await Out.WaitForAsync("END\n");
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limits.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
    }

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("SOTTO_PYTHON");
        string[] candidates = string.IsNullOrEmpty(named) ? ["python3", "/usr/bin/python3"] : [named];
        return candidates.FirstOrDefault(HasFernet);
    }

    private static bool HasFernet(string interpreter)
    {
        try
        {
            using var process = Run(interpreter, ["-c", "import cryptography.fernet"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static Process Run(string interpreter, string[] arguments) => Process.Start(new ProcessStartInfo(interpreter, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardInputEncoding = new UTF8Encoding(false),
    })!;
}
