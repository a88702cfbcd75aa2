using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Sotto.Crypto.Native;
using Sotto.Relay;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Direct;

namespace Sotto.Terminal.Relay;

/// <summary>Runs a relay until it is told to stop.</summary>
internal static class RelayRun
{
    /// <summary>What clients get to finish their requests after the first signal.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(20);

    public static async Task<int> ServeAsync(RelaySettings settings, CancellationToken cancellation)
    {
        var crypto = new NativeCryptoProvider();
        using var logs = Logs();
        var server = await StartAsync(settings, crypto, logs).ConfigureAwait(false);
        await using var disposing = server.ConfigureAwait(false);
        Say($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}, data in {settings.Folder}.");
        if (server.MetricsAddress is { } metrics)
            Say($"Metrics on {metrics.GetLeftPart(UriPartial.Authority)}/metrics.");
        Say(settings.OpenRegistration ? "Anybody may make an account." : "Only people with an invite can make an account.");
        if (await server.Accounts.NeedsFirstLinkAsync(cancellation).ConfigureAwait(false))
            await ShowFirstLinkAsync(server, crypto).ConfigureAwait(false);
        await WaitForLeaveAsync(cancellation).ConfigureAwait(false);
        Say("Finishing requests ...");
        using var limit = new CancellationTokenSource(DrainTime, TimeProvider.System);
        await server.DrainAsync(limit.Token).ConfigureAwait(false);
        return ExitCode.Done;
    }

    public static async Task<int> InviteAsync(string folder, string? address, int uses, bool owner)
    {
        if (!File.Exists(Path.Combine(folder, "relay.key")))
            throw new UsageException($"There is no relay in {folder}. Start one first: sotto relay --data {folder}");
        var reached = address ?? RelayPlace.Of(folder)?.Address
            ?? throw new UsageException("Nobody knows yet where this relay is reached. Start it once, or say it: --address HOST:PORT");
        var crypto = new NativeCryptoProvider();
        using var identity = RelayIdentity.OpenOrCreate(crypto, folder);
        var accounts = new SqliteAccountStore(folder, TimeProvider.System);
        await using var disposing = accounts.ConfigureAwait(false);
        var link = await RegistrationTokens.IssueAsync(crypto, accounts, identity, reached, uses, TimeProvider.System, owner).ConfigureAwait(false);
        Console.Out.WriteLine(link.ToLink());
        return ExitCode.Done;
    }

    /// <exception cref="RelayStartException">It cannot start, and why.</exception>
    public static async Task<RelayServer> StartAsync(RelaySettings settings, NativeCryptoProvider crypto, ILoggerFactory logs)
    {
        try
        {
            return await RelayServer.StartAsync(settings, crypto, TimeProvider.System, logs).ConfigureAwait(false);
        }
        catch (IOException unusable)
        {
            throw new RelayStartException(unusable.Message, ExitCode.Network);
        }
    }

    private static async Task ShowFirstLinkAsync(RelayServer server, NativeCryptoProvider crypto)
    {
        var link = await RegistrationTokens.IssueAsync(crypto, server.Accounts, server.Identity, server.LinkAddress, 1, TimeProvider.System, owner: true).ConfigureAwait(false);
        Say("Nobody has an account here yet. The first account is made with this link, once, within 7 days:");
        Console.Out.WriteLine(link.ToLink());
        Say("More of them: sotto relay invite");
    }

    /// <summary>One line for an event, on standard error, where a service manager finds it.</summary>
    private static ILoggerFactory Logs() => LoggerFactory.Create(logging => logging
        .AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled))
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    private static async Task WaitForLeaveAsync(CancellationToken cancellation)
    {
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = new LeaveSignals(() => leave.TrySetResult(), () => Environment.Exit(ExitCode.Unexpected));
        using var registration = cancellation.Register(() => leave.TrySetResult());
        await leave.Task.ConfigureAwait(false);
    }

    private static void Say(string line) => Console.Error.WriteLine($"· {line}");
}
