using System.Diagnostics;

namespace Sotto.Bench;

/// <summary>Runs programs of the repository and measures them from outside.</summary>
internal static class Command
{
    /// <summary>Starts a program; the runtime that runs this one is offered to it.</summary>
    public static Process Start(string program, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new IOException($"{program} did not start.");
    }

    /// <summary>Seconds from start to exit.</summary>
    public static double Seconds(string program, params string[] arguments)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process = Start(program, null, arguments);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return process.ExitCode == 0 ? seconds : throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
