using Sotto.Crypto.Native;
using Sotto.Relay;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
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
        var isFirst = !Directory.Exists(settings.Folder) || !Directory.EnumerateFileSystemEntries(settings.Folder).Any();
        var server = await StartAsync(settings, crypto).ConfigureAwait(false);
        await using var disposing = server.ConfigureAwait(false);
        Say($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}, data in {settings.Folder}.");
        Say(settings.OpenRegistration ? "Anybody may make an account." : "Only people with an invite can make an account.");
        if (isFirst)
            await ShowFirstLinkAsync(server, crypto).ConfigureAwait(false);
        await WaitForLeaveAsync(cancellation).ConfigureAwait(false);
        Say("Finishing requests ...");
        using var limit = new CancellationTokenSource(DrainTime, TimeProvider.System);
        await server.DrainAsync(limit.Token).ConfigureAwait(false);
        return ExitCode.Done;
    }

    public static async Task<int> InviteAsync(string folder, string address, int uses)
    {
        if (!File.Exists(Path.Combine(folder, "relay.key")))
            throw new UsageException($"There is no relay in {folder}. Start one first: sotto relay --data {folder}");
        var crypto = new NativeCryptoProvider();
        using var identity = RelayIdentity.OpenOrCreate(crypto, folder);
        var accounts = new SqliteAccountStore(folder, TimeProvider.System);
        await using var disposing = accounts.ConfigureAwait(false);
        var link = await RegistrationTokens.IssueAsync(crypto, accounts, identity, address, uses, TimeProvider.System).ConfigureAwait(false);
        Console.Out.WriteLine(link.ToLink());
        return ExitCode.Done;
    }

    /// <exception cref="RelayStartException">It cannot start, and why.</exception>
    public static async Task<RelayServer> StartAsync(RelaySettings settings, NativeCryptoProvider crypto)
    {
        try
        {
            return await RelayServer.StartAsync(settings, crypto, TimeProvider.System).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            throw new RelayStartException(trouble.Message, trouble.Failure == StorageFailure.InUse ? ExitCode.Busy : ExitCode.Unexpected);
        }
        catch (IOException unusable)
        {
            throw new RelayStartException($"Cannot listen on {settings.Listen}: {unusable.Message}", ExitCode.Network);
        }
    }

    private static async Task ShowFirstLinkAsync(RelayServer server, NativeCryptoProvider crypto)
    {
        var link = await RegistrationTokens.IssueAsync(crypto, server.Accounts, server.Identity, server.Address.Authority, 1, TimeProvider.System).ConfigureAwait(false);
        Say("This is a new relay. The first account is made with this link, once, within 7 days:");
        Console.Out.WriteLine(link.ToLink());
        Say("More of them: sotto relay invite");
    }

    private static async Task WaitForLeaveAsync(CancellationToken cancellation)
    {
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = new LeaveSignals(() => leave.TrySetResult(), () => Environment.Exit(ExitCode.Unexpected));
        using var registration = cancellation.Register(() => leave.TrySetResult());
        await leave.Task.ConfigureAwait(false);
    }

    private static void Say(string line) => Console.Error.WriteLine($"· {line}");
}
