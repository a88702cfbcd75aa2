using System.Diagnostics;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Promises;

/// <summary>A disk of a few megabytes in memory, mounted for one test. Mounting needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int FillBy = 64 * 1024;

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root may mount a small disk.");
        var path = Directory.CreateTempSubdirectory("sotto-disk-").FullName;
        var code = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0700", "tmpfs", path);
        Assert.SkipUnless(code == 0, "Mounting is not allowed here.");
        return new(path);
    }

    /// <summary>Takes all the room that is left, or all but some.</summary>
    public void Fill(long leave = 0)
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var drive = new DriveInfo(Path);
        while (drive.AvailableFreeSpace > leave)
            filler.Write(new byte[Math.Min(FillBy, drive.AvailableFreeSpace - leave)]);
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>From now on nothing can be written.</summary>
    public async Task MakeReadOnlyAsync() => Assert.Equal(0, await RunAsync("mount", "-o", "remount,ro", Path));

    /// <summary>It can be written again.</summary>
    public async Task MakeWritableAsync() => Assert.Equal(0, await RunAsync("mount", "-o", "remount,rw", Path));

    public void Dispose()
    {
        RunAsync("umount", Path).GetAwaiter().GetResult();
        Directory.Delete(Path);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync().WaitAsync(StreamClient.Patience);
        return process.ExitCode;
    }
}
