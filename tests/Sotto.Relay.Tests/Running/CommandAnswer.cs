using System.Diagnostics;

namespace Sotto.Relay.Tests.Running;

/// <summary>What a command of the real executable answered.</summary>
public sealed record CommandAnswer(int Code, string Output, string Errors)
{
    /// <summary>Runs <c>sotto relay …</c> to its end.</summary>
    public static async Task<CommandAnswer> OfAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(RelayProcess.Program, ["relay", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(StreamClient.Patience);
        return new(process.ExitCode, await output, await errors);
    }
}
