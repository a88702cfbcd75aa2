using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

/// <summary>A running <c>paper_program.py</c>.</summary>
internal sealed class PythonProgram : IAsyncDisposable
{
    private static readonly Lazy<string?> _interpreter = new(Find);

    private readonly Process _process;

    private PythonProgram(Process process) => _process = process;

    public static PythonProgram Start(FernetKey key, params string[] arguments)
    {
        Assert.SkipWhen(_interpreter.Value is null, "No Python 3 with the package cryptography: set SOTTO_PYTHON to one.");
        var process = Run(_interpreter.Value!, [Script(), .. arguments]);
        var program = new PythonProgram(process);
        process.StandardInput.WriteLine(key.Export());
        process.StandardInput.Flush();
        return program;
    }

    public Task OrderAsync(string verb, params string[] texts) => WriteLineAsync(string.Join('\t', [verb, .. texts]));

    /// <summary>No more orders: the program ends when its peer has closed too.</summary>
    public void EndOrders() => _process.StandardInput.Close();

    public async Task<int> PortAsync() => int.Parse((await NextAsync())["PORT ".Length..]);

    /// <summary>The next thing it tells, with what it decrypted as text.</summary>
    public async Task<string> NextAsync()
    {
        var told = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (told is null)
            Assert.Fail("Python ended: " + await _process.StandardError.ReadToEndAsync());
        return told.StartsWith("GOT ", StringComparison.Ordinal)
            ? "GOT " + Encoding.UTF8.GetString(Convert.FromHexString(told[4..]))
            : told;
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
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
        StandardOutputEncoding = new UTF8Encoding(false),
    })!;

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "tests", "Sotto.Direct.Tests", "Paper", "paper_program.py");
            if (File.Exists(script))
                return script;
        }

        throw new FileNotFoundException("The tests run outside the repository; paper_program.py is not there.");
    }
}
