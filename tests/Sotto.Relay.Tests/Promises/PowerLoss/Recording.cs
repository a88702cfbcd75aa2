using System.ComponentModel;
using System.Diagnostics;

namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>The writes of a relay at work, recorded by strace from a process of its own: this test program again.</summary>
internal sealed class Recording : IDisposable
{
    public const string FolderVariable = "SOTTO_POWER_LOSS_FOLDER";
    public const string FlushesVariable = "SOTTO_POWER_LOSS_FLUSHES";

    private const string Longest = "1200000";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("sotto-power-").FullName;

    /// <summary>In the order in which they happened.</summary>
    public IReadOnlyList<RecordedCall> Calls { get; private set; } = [];

    /// <summary>Where the relay's files were.</summary>
    public string Data => RecordedWork.DataOf(_folder);

    public static async Task<Recording> MakeAsync(bool flushes)
    {
        Assert.SkipUnless(HasStrace(), "No strace, which records what the relay writes.");
        var recording = new Recording();
        var trace = Path.Combine(recording._folder, "trace");
        string[] work = ["-class", typeof(RecordedWorkHost).FullName!, "-explicit", "only", "-noColor", "-noLogo"];
        var start = new ProcessStartInfo(
            "strace", ["-f", "-y", "-xx", "-s", Longest, "--seccomp-bpf", "-e", "trace=" + WriteTrace.Calls, "-e", "signal=none", "-o", trace, Environment.ProcessPath!, .. work])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = recording._folder;
        start.Environment[FlushesVariable] = flushes.ToString();
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            // Also what it traces, which would go on without it.
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, await output + await errors);
        recording.Calls = [.. WriteTrace.Read(trace, recording._folder)];
        File.Delete(trace);
        return recording;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool HasStrace()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["--version"]) { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
