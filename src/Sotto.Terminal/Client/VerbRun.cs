using System.Diagnostics;
using Sotto.Crypto.Native;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Direct;

namespace Sotto.Terminal.Client;

/// <summary>Runs a verb: in this process, or in the one that holds the profile.</summary>
internal static class VerbRun
{
    public static async Task<int> RunAsync(VerbRequest request, CancellationToken cancellation)
    {
        if (!ClientProfile.Exists)
            throw new UsageException("There is no account here yet: sotto host, or sotto join INVITE.");
        if (await ControlSocket.TryHandOverAsync(request, Say, cancellation).ConfigureAwait(false) is { } code)
            return code;
        var client = await ClientProfile.OpenAsync(new NativeCryptoProvider(), TimeSpan.Zero, cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        return await new Verbs(client, SayAsync).RunAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary><c>listen</c> holds the profile until it is told to end; with a command each message goes to one run of it.</summary>
    public static async Task<int> ListenAsync(VerbRequest request, string? exec, CancellationToken cancellation)
    {
        if (!ClientProfile.Exists)
            throw new UsageException("There is no account here yet: sotto host, or sotto join INVITE.");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var signals = new LeaveSignals(ending.Cancel, () => Environment.Exit(ExitCode.Unexpected));
        Func<VerbReply, ValueTask> say = exec is null ? SayAsync : reply => ExecAsync(exec, reply);
        try
        {
            if (await ControlSocket.TryHandOverAsync(request, reply => say(reply).AsTask().GetAwaiter().GetResult(), ending.Token).ConfigureAwait(false) is { } code)
                return code;
            var client = await ClientProfile.OpenAsync(new NativeCryptoProvider(), ClientProfile.ReportDelay, ending.Token).ConfigureAwait(false);
            await using var disposing = client.ConfigureAwait(false);
            var control = ControlSocket.Open(client);
            await using var closing = control.ConfigureAwait(false);
            return await new Verbs(client, say).RunAsync(request, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
    }

    private static ValueTask SayAsync(VerbReply reply)
    {
        Say(reply);
        return ValueTask.CompletedTask;
    }

    private static void Say(VerbReply reply)
    {
        var output = reply.IsError ? Console.Error : Console.Out;
        output.WriteLine(reply.Text);
        output.Flush();
    }

    /// <summary>A program, without a shell, with the message as JSON on its stdin.</summary>
    private static async ValueTask ExecAsync(string exec, VerbReply reply)
    {
        if (reply.IsError)
        {
            Say(reply);
            return;
        }

        using var process = Process.Start(new ProcessStartInfo(exec) { RedirectStandardInput = true })
            ?? throw new UsageException("--exec names no program.");
        await process.StandardInput.WriteLineAsync(reply.Text).ConfigureAwait(false);
        process.StandardInput.Close();
        await process.WaitForExitAsync().ConfigureAwait(false);
    }
}
