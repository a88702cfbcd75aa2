using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Running;

/// <summary>A folder for a relay's data.</summary>
public sealed class RelayFolder : IDisposable
{
    public RelayFolder()
        : this(Directory.CreateTempSubdirectory("sotto-relay-data-").FullName)
    {
        // One of its own.
    }

    public RelayFolder(string path) => Path = path;

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The real executable, <c>sotto relay</c>, on a port that the system chose.</summary>
public sealed partial class RelayProcess : IAsyncDisposable
{
    private readonly Process _process;

    private RelayProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    public int ProcessId => _process.Id;

    public Bytes32 Key { get; private set; }

    /// <summary>What it said on standard error until it listened.</summary>
    public List<string> Said { get; } = [];

    public static Task<RelayProcess> StartAsync(RelayFolder folder, params string[] arguments) => StartAsync(folder.Path, arguments);

    public static async Task<RelayProcess> StartAsync(string folder, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Program, ["relay", "--listen", "127.0.0.1:0", "--data", folder, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var relay = new RelayProcess(process);
        await relay.WaitForAddressAsync().WaitAsync(StreamClient.Patience);
        return relay;
    }

    /// <summary>The link that a new relay prints.</summary>
    public async Task<string> FirstLinkAsync() => (await _process.StandardOutput.ReadLineAsync().WaitAsync(StreamClient.Patience))!;

    /// <summary>Another link, by the operator's command.</summary>
    public static async Task<string> InviteAsync(RelayFolder folder, string address)
    {
        using var invite = Process.Start(new ProcessStartInfo(Program, ["relay", "invite", "--data", folder.Path, "--address", address]) { RedirectStandardOutput = true })!;
        var link = await invite.StandardOutput.ReadToEndAsync().WaitAsync(StreamClient.Patience);
        await invite.WaitForExitAsync();
        return link.Trim();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        await _process.WaitForExitAsync().WaitAsync(StreamClient.Patience);
        return _process.ExitCode;
    }

    public async Task<string> OutputAsync() => await _process.StandardOutput.ReadToEndAsync().WaitAsync(StreamClient.Patience);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static string Program => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Sotto.Terminal", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "sotto"));

    private async Task WaitForAddressAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            Said.Add(line);
            if (Listening().Match(line) is not { Success: true } found)
                continue;
            Address = new(found.Groups["url"].Value);
            using var http = new HttpClient { BaseAddress = Address };
            var answer = (await http.GetFromJsonAsync(Routes.Relay, RelayJson.Default.RelayAnswer))!;
            Key = RelayStatement.Decode(SignedRecord.Decode(answer.Statement).Body.Span).IdentityKey;
            return;
        }

        throw new InvalidOperationException("The relay ended: " + string.Join('\n', Said));
    }

    [GeneratedRegex("Listening on (?<url>http://[^,]+),")]
    private static partial Regex Listening();
}
