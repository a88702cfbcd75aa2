using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sotto.Bench;

/// <summary>Two real processes: <c>sotto direct join INVITE &lt; lines</c> to <c>sotto direct host &gt; out</c>.</summary>
internal static class PipeRows
{
    private const int Goal = 20_000;

    public static Row Measure(Plan plan)
    {
        var count = plan.Quick ? 30_000 : 100_000;
        using var folder = new ScratchFolder();
        var lines = folder.Named("lines");
        File.WriteAllText(lines, string.Concat(Enumerable.Range(1, count).Select(number => $"{number}: see you at the harbour at half past six.\n")));

        var seconds = new List<double>();
        for (var round = 0; round < (plan.Quick ? 3 : 5); round++)
            seconds.Add(Seconds(plan, folder, lines));
        var speed = count / Timing.Median(seconds);
        return new(
            string.Create(CultureInfo.InvariantCulture, $"the same by two processes, `join INVITE < file` of {count:#,0} lines to `host > out`, from start to exit"),
            string.Create(CultureInfo.InvariantCulture, $"{speed:#,0} lines/s"),
            Goal: string.Create(CultureInfo.InvariantCulture, $"≥ {Goal:#,0} lines/s"),
            Met: speed >= Goal);
    }

    private static double Seconds(Plan plan, ScratchFolder folder, string lines)
    {
        using var host = Command.Start(Sotto(plan), Home(folder, "host"), "direct", "host", "--listen", $"127.0.0.1:{FreePort()}", "--name", "host");
        host.StandardInput.Close();
        var invite = Invite(host.StandardError);
        var shown = Task.Run(() => host.StandardOutput.ReadToEnd());

        var begun = Stopwatch.GetTimestamp();
        using var joiner = Command.Start(Sotto(plan), Home(folder, "joiner"), "direct", "join", invite, "--name", "joiner");
        var notices = Task.Run(() => (host.StandardError.ReadToEnd(), joiner.StandardError.ReadToEnd()));
        using (var source = File.OpenRead(lines))
            source.CopyTo(joiner.StandardInput.BaseStream);
        joiner.StandardInput.Close();
        joiner.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;

        host.WaitForExit();
        _ = notices.Result;
        if (joiner.ExitCode != 0 || host.ExitCode != 0 || shown.Result != File.ReadAllText(lines))
            throw new IOException("The lines did not arrive whole.");
        return seconds;
    }

    private static string Sotto(Plan plan) => Path.Combine(plan.Root, "artifacts", "bin", "Sotto.Terminal", "release", "sotto");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Dictionary<string, string> Home(ScratchFolder folder, string name) => new() { ["SOTTO_HOME"] = folder.Named(name) };

    private static string Invite(StreamReader notices)
    {
        var before = new StringBuilder();
        while (notices.ReadLine() is { } line)
        {
            before.AppendLine(line);
            var start = line.IndexOf("sotto:d/", StringComparison.Ordinal);
            if (start >= 0)
                return line[start..].Split(' ')[0];
        }

        throw new IOException($"The host printed no invite: {before}");
    }
}
