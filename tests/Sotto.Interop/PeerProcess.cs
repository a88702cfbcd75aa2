using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Sotto.Interop;

/// <summary>The ts-mls peer (<c>peer/README.md</c>) in a process of its own: one command at a time, one answer each.</summary>
public sealed class PeerProcess : IAsyncDisposable
{
    private const int OldestNode = 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly string _folder = FindFolder();
    private static readonly Lazy<string?> _missing = new(FindMissing);

    private Process? _process;

    /// <summary>Why the peer cannot run here; null when it can.</summary>
    public static string? Missing => _missing.Value;

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<JsonObject> RunAsync(string command, JsonObject? arguments = null)
    {
        var answer = await AskAsync(command, arguments);
        return answer["error"] is { } error ? throw new InvalidOperationException($"ts-mls, {command}: {error} ({answer["kind"]})") : answer;
    }

    /// <summary>Runs a command that may be refused: the answer then has an <c>error</c>.</summary>
    public async Task<JsonObject> AskAsync(string command, JsonObject? arguments = null)
    {
        _process ??= Run("peer.mjs");
        var line = arguments ?? [];
        line["cmd"] = command;
        await _process.StandardInput.WriteAsync($"{line.ToJsonString()}\n");
        await _process.StandardInput.FlushAsync();
        var answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
            ?? throw new InvalidOperationException($"The peer ended at {command}: {await _process.StandardError.ReadToEndAsync()}");
        return JsonNode.Parse(answer)!.AsObject();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string? FindMissing()
    {
        try
        {
            using var node = Run("--version");
            var version = node.StandardOutput.ReadToEnd().Trim().TrimStart('v');
            node.WaitForExit();
            if (!Version.TryParse(version, out var found) || found.Major < OldestNode)
                return $"node is older than {OldestNode}";
        }
        catch (Win32Exception)
        {
            return $"there is no node {OldestNode} or later";
        }

        return Directory.Exists(Path.Combine(_folder, "node_modules", "ts-mls")) ? null : "npm ci was not run in tests/Sotto.Interop/peer";
    }

    private static Process Run(string argument) => Process.Start(new ProcessStartInfo("node", argument)
    {
        WorkingDirectory = _folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardInputEncoding = new UTF8Encoding(false),
    })!;

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var peer = Path.Combine(folder.FullName, "tests", "Sotto.Interop", "peer");
            if (Directory.Exists(peer))
                return peer;
        }

        throw new DirectoryNotFoundException($"There is no peer above {AppContext.BaseDirectory}.");
    }
}
