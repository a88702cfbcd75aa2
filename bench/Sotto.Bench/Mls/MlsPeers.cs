using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sotto.Bench.Mls;

/// <summary>A row that one of the peers' scripts printed (bench/peers/README.md).</summary>
internal sealed record PeerFigure(string Peer, string Version, string Runtime, string Suite, int Members, string Operation, double Median, double Low, double High, long Bytes);

/// <summary>Runs the peers' scripts in Node, one after the other, in the same run as our own measurement.</summary>
internal sealed class MlsPeers(Plan plan)
{
    /// <summary>The rows of one script; none when Node or the packages are not there.</summary>
    public IReadOnlyList<PeerFigure> Run(string script, params string[] arguments)
    {
        var folder = Path.Combine(plan.Root, "bench", "peers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            return [];
        string[] all = [script, .. arguments, .. plan.Quick ? ["--quick"] : Array.Empty<string>()];
        var start = new ProcessStartInfo("node", all) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var rows = new List<PeerFigure>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith('{'))
                rows.Add(Parse(line));
        }

        process.WaitForExit();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({script}: {rows.Count} rows)"));
        return rows;
    }

    private static PeerFigure Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var row = json.RootElement;
        return new PeerFigure(
            row.GetProperty("peer").GetString()!, row.GetProperty("version").GetString()!, row.GetProperty("runtime").GetString()!,
            row.GetProperty("suite").ToString(), row.GetProperty("n").GetInt32(), row.GetProperty("op").GetString()!,
            row.GetProperty("median_ms").GetDouble(), row.GetProperty("p10_ms").GetDouble(), row.GetProperty("p90_ms").GetDouble(),
            row.TryGetProperty("bytes", out var bytes) && bytes.ValueKind == JsonValueKind.Number ? bytes.GetInt64() : 0);
    }
}
