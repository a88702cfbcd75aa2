using System.ComponentModel;
using System.Diagnostics;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Promises;

/// <summary>Lets one kind of system call on one file of a running relay fail, until it is disposed.</summary>
internal sealed class FaultyDisk : IAsyncDisposable
{
    private readonly Process _strace;

    private FaultyDisk(Process strace) => _strace = strace;

    public static async Task<FaultyDisk> AttachAsync(int process, string file, string call, string error)
    {
        var faulty = new FaultyDisk(Start(process, file, call, error));
        var said = new List<string>();
        while (await faulty._strace.StandardError.ReadLineAsync().WaitAsync(StreamClient.Patience) is { } line)
        {
            said.Add(line);
            if (line.Contains("attached", StringComparison.Ordinal))
                return faulty;
        }

        await faulty.DisposeAsync();
        Assert.Skip("strace may not attach here: " + string.Join(' ', said));
        return faulty;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            using var stop = Process.Start("kill", ["-INT", _strace.Id.ToString()]);
            await stop.WaitForExitAsync();
        }

        await _strace.WaitForExitAsync().WaitAsync(StreamClient.Patience);
        _strace.Dispose();
    }

    private static Process Start(int process, string file, string call, string error)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(
                "strace", ["-f", "-p", process.ToString(), "-P", file, "-e", "trace=" + call, "-e", $"inject={call}:error={error}", "-o", "/dev/null"])
            {
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("No strace, which lets system calls fail.");
            throw;
        }
    }
}
