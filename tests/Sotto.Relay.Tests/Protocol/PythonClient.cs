using System.ComponentModel;
using System.Diagnostics;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>The client in tests/relay-client, with the schema of the documents compiled for it.</summary>
internal sealed class PythonClient : IDisposable
{
    private static readonly Lazy<string?> _interpreter = new(Find);

    private readonly string _compiled = Directory.CreateTempSubdirectory("sotto-python-").FullName;

    private PythonClient()
    {
        // The compiler is there.
    }

    public static async Task<PythonClient> PrepareAsync()
    {
        Assert.SkipWhen(_interpreter.Value is null, "No Python 3 with the packages cryptography, websockets and protobuf: set SOTTO_PYTHON to one.");
        Assert.SkipUnless(Runs("protoc", "--version"), "No protoc, the compiler of Protocol Buffers.");
        var client = new PythonClient();
        var schema = Repository.PathOf("docs", "protocol");
        var (code, output) = await RunAsync("protoc", null, "-I" + schema, "--python_out=" + client._compiled, "stream.proto");
        Assert.True(code == 0, output);
        return client;
    }

    /// <summary>Runs one of its programs to the end.</summary>
    /// <returns>The exit code and everything that it said.</returns>
    public Task<(int Code, string Output)> RunAsync(string program, params string[] arguments) =>
        RunAsync(_interpreter.Value!, _compiled, [Repository.PathOf("tests", "relay-client", program), .. arguments]);

    public void Dispose() => Directory.Delete(_compiled, recursive: true);

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("SOTTO_PYTHON");
        string[] candidates = string.IsNullOrEmpty(named) ? ["python3", "/usr/bin/python3"] : [named];
        return candidates.FirstOrDefault(candidate => Runs(candidate, "-c", "import cryptography, websockets, google.protobuf"));
    }

    private static bool Runs(string program, params string[] arguments)
    {
        try
        {
            return RunAsync(program, null, arguments).GetAwaiter().GetResult().Code == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string? modules, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = modules;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(StreamClient.Patience);
        return (process.ExitCode, await output + await errors);
    }
}
