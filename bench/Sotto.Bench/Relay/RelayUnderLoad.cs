using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sotto.Bench.Relay;

/// <summary>The real executable, <c>sotto relay</c>, in a process and on a disk folder of its own.</summary>
internal sealed partial class RelayUnderLoad : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _program;
    private readonly bool _tls;
    private Process _process = null!;

    private RelayUnderLoad(string program, string folder, bool tls) => (_program, Folder, _tls) = (program, folder, tls);

    public string Folder { get; }

    public Uri Address { get; private set; } = null!;

    public int ProcessId => _process.Id;

    /// <param name="plan">Where the repository is. The folder lies inside it, so it is on a disk and not in memory.</param>
    /// <param name="tls">Whether clients come over TLS.</param>
    public static async Task<RelayUnderLoad> StartAsync(Plan plan, bool tls = false)
    {
        var folder = Path.Combine(plan.Root, "artifacts", $"bench-relay-{Path.GetRandomFileName()}");
        var program = Path.Combine(plan.Root, "artifacts", "bin", "Sotto.Terminal", "release", "sotto");
        var relay = new RelayUnderLoad(program, folder, tls);
        await relay.StartProcessAsync().ConfigureAwait(false);
        return relay;
    }

    /// <summary>A fresh process over the same folder.</summary>
    public async Task RestartAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await StartProcessAsync().ConfigureAwait(false);
    }

    /// <summary>Entries that lie in the relay's file.</summary>
    public long CountEntries()
    {
        using var status = Command.Start(_program, null, "relay", "status", "--json", "--data", Folder);
        using var said = JsonDocument.Parse(status.StandardOutput.ReadToEnd());
        return said.RootElement.GetProperty("counts").GetProperty("entries").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartProcessAsync()
    {
        string[] arguments = ["relay", "--listen", "127.0.0.1:0", "--data", Folder, "--open-registration"];
        _process = Command.Start(_program, null, _tls ? [.. arguments, "--tls"] : arguments);
        Address = await ReadAddressAsync().WaitAsync(Patience).ConfigureAwait(false);
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    private async Task<Uri> ReadAddressAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (Listening().Match(line) is { Success: true } found)
                return new(found.Groups["url"].Value);
        }

        throw new IOException("The relay ended before it listened.");
    }

    private async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
        _process.Dispose();
    }

    [GeneratedRegex("Listening on (?<url>https?://[^, ]+)")]
    private static partial Regex Listening();
}
