using Microsoft.Extensions.Logging;
using Sotto.Crypto.Native;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Relay.Operating;
using Sotto.Relay.Storage;
using Sotto.Wire.Links;

namespace Sotto.Relay.Tests.Running;

/// <summary>A relay on a real socket of loopback, with a folder and a clock of its own.</summary>
public sealed class TestRelay : IAsyncDisposable
{
    private TestRelay(string folder, TestClock time, RelayServer server) => (Folder, Time, Server) = (folder, time, server);

    public static NativeCryptoProvider Crypto { get; } = new();

    public string Folder { get; }

    public TestClock Time { get; }

    public RelayServer Server { get; private set; }

    public long Today => Time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    public uint ThisHour => (uint)(Time.GetUtcNow().ToUnixTimeSeconds() / 3600);

    public static async Task<TestRelay> StartAsync(bool open = false, RelayLimits? limits = null, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("sotto-relay-").FullName;
        var time = new TestClock(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        return new(folder, time, await StartServerAsync(folder, time, open, limits));
    }

    /// <summary>With settings of the test's own, in a folder that it makes before.</summary>
    public static async Task<TestRelay> StartAsync(Func<RelaySettings, RelaySettings> change, ILoggerFactory? logs = null)
    {
        var folder = Directory.CreateTempSubdirectory("sotto-relay-").FullName;
        var time = new TestClock(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        var settings = change(new() { Listen = new(System.Net.IPAddress.Loopback, 0), Folder = folder, Limits = new() { FreeDisk = 0 } });
        return new(folder, time, await RelayServer.StartAsync(settings, Crypto, time, logs));
    }

    /// <summary>Stops and starts again over the same folder.</summary>
    public async Task RestartAsync(double freeDisk = 0)
    {
        await Server.DisposeAsync();
        Server = await StartServerAsync(Folder, Time, false, new() { FreeDisk = freeDisk });
    }

    /// <summary>Stops, empties its folder, and starts again on what a backup holds.</summary>
    public async Task RestoreAsync(TestBackup backup)
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        RelayRestore.Restore(backup.Path, Folder, Crypto, Time);
        Server = await StartServerAsync(Folder, Time, false, null);
    }

    public Task<RegistrationLink> LinkAsync(int uses = 1, bool owner = false) =>
        RegistrationTokens.IssueAsync(Crypto, Server.Accounts, Server.Identity, Server.Address.Authority, uses, Time, owner);

    /// <summary>A registered account with vouchers, and a stream of its own for the mailbox plane.</summary>
    public async Task<Person> RegisterAsync(int vouchers = 10, bool owner = false)
    {
        var person = new Person(Server.Address, Server.Identity.Key);
        var link = await LinkAsync(owner: owner);
        await person.RegisterAsync(link.Token.ToArray());
        if (vouchers > 0)
            await person.AddVouchersAsync(vouchers);
        return person;
    }

    public Task<StreamClient> ConnectAsync() => StreamClient.ConnectAsync(Server.Address);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static Task<RelayServer> StartServerAsync(string folder, TestClock time, bool open, RelayLimits? limits) =>
        RelayServer.StartAsync(
            new() { Listen = new(System.Net.IPAddress.Loopback, 0), Folder = folder, OpenRegistration = open, Limits = limits ?? new() { FreeDisk = 0 } },
            Crypto, time);
}
