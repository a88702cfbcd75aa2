using System.Net;
using System.Net.Sockets;
using Sotto.Crypto.Native;
using Sotto.Direct.Invites;
using Sotto.Direct.Paper;
using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary><c>sotto direct host --paper</c> and <c>join --paper</c>: the paper's own program.</summary>
internal static class PaperRun
{
    public static async Task<int> HostAsync(DirectCall call, HostSettings settings, CancellationToken cancellationToken)
    {
        RefuseWhatPaperHasNot(settings);
        var input = new StdinLines();
        var given = PaperKeys.Given(call, input);
        using var key = given ?? PaperKeys.Make();
        var paperKey = new PaperKey(new NativeCryptoProvider(), key, TimeProvider.System);
        var address = settings.Address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        await using var host = Listen(new IPEndPoint(address, settings.Port), paperKey);
        Warn();
        Console.Error.WriteLine($"Listening on {(settings.Address is null ? "all addresses" : settings.Address)}, port {host.LocalEndpoint.Port}.");
        if (given is null)
            Console.Error.WriteLine($"The key, to hand over yourself:  {key.Export()}");
        host.ClientTurnedAway += (_, _) => Console.Error.WriteLine("Somebody else wanted to connect and was turned away.");
        var code = ExitCode.Done;
        do
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var signals = new LeaveSignals(waiting.Cancel, waiting.Cancel);
            PaperConversation conversation;
            try
            {
                conversation = await host.AcceptAsync(waiting.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return code;
            }

            signals.Dispose();
            await using (conversation)
                code = await PaperChat.RunAsync(call, conversation, input, cancellationToken).ConfigureAwait(false);
        }
        while (settings.Keep && code == ExitCode.Done);

        return code;
    }

    public static async Task<int> JoinAsync(DirectCall call, HostAddress address, StdinLines input, CancellationToken cancellationToken)
    {
        using var key = PaperKeys.Given(call, input) ?? PaperKeys.Ask();
        var paperKey = new PaperKey(new NativeCryptoProvider(), key, TimeProvider.System);
        Warn();
        try
        {
            await using var conversation = await PaperConversation.ConnectAsync(address.Host, address.Port, paperKey, cancellationToken).ConfigureAwait(false);
            return await PaperChat.RunAsync(call, conversation, input, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            return Guarded.Fail($"Nobody answers at {address}: {failure.Message}", ExitCode.Network);
        }
    }

    private static PaperHost Listen(IPEndPoint endpoint, PaperKey key)
    {
        try
        {
            return PaperHost.Listen(endpoint, key);
        }
        catch (SocketException failure)
        {
            throw new Sotto.Direct.DirectException(Sotto.Direct.DirectFailure.ConnectionLost, $"Cannot listen on {endpoint}: {failure.Message}", failure);
        }
    }

    private static void RefuseWhatPaperHasNot(HostSettings settings)
    {
        if (settings.Public is not null)
            throw new UsageException("--public belongs to the default mode: paper mode has no invite.");
        if (settings.Method != Sotto.Direct.Exchange.ExchangeMethod.XWing)
            throw new UsageException("--exchange belongs to the default mode: paper mode exchanges no keys.");
    }

    private static void Warn()
    {
        var red = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        Console.Error.WriteLine(red ? $"\e[31m{PaperWarning.Text}\e[0m" : PaperWarning.Text);
    }
}
