using System.Net;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Relay.Operating;
using Sotto.Relay.Storage;
using Sotto.Wire.Links;

namespace Sotto.Client.Tests.Running;

/// <summary>The real relay on a socket of loopback, with a folder of its own.</summary>
internal sealed class TestRelay : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private IPEndPoint _listen;

    private TestRelay(string folder, TimeProvider time, RelayServer server)
    {
        (Folder, _time, Server) = (folder, time, server);
        _listen = new(IPAddress.Loopback, server.Address.Port);
    }

    public string Folder { get; private set; }

    public RelayServer Server { get; private set; }

    public static async Task<TestRelay> StartAsync(TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("sotto-client-").FullName;
        var clock = time ?? TimeProvider.System;
        return new(folder, clock, await StartAsync(folder, new(IPAddress.Loopback, 0), clock));
    }

    public Task<RegistrationLink> LinkAsync() => RegistrationTokens.IssueAsync(TestPerson.Crypto, Server.Accounts, Server.Identity, Server.Address.Authority, 1, _time);

    /// <summary>Stops it; clients see it gone.</summary>
    public async Task StopAsync() => await Server.DisposeAsync();

    /// <summary>Starts again over the same folder and address.</summary>
    public async Task StartAgainAsync() => Server = await StartAsync(Folder, _listen, _time);

    /// <summary>Copies everything that it has, while it runs.</summary>
    /// <returns>For <see cref="RestoreAsync"/>.</returns>
    public string Backup()
    {
        var backup = Path.Combine(Directory.CreateTempSubdirectory("sotto-client-").FullName, "backup");
        RelayBackup.Make(Folder, backup, _time);
        return backup;
    }

    /// <summary>Takes the place of the stopped relay with what it had at the backup.</summary>
    public async Task RestoreAsync(string backup)
    {
        Directory.Delete(Folder, recursive: true);
        RelayRestore.Restore(backup, Folder, TestPerson.Crypto, _time);
        Directory.Delete(Path.GetDirectoryName(backup)!, recursive: true);
        await StartAgainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static Task<RelayServer> StartAsync(string folder, IPEndPoint listen, TimeProvider time) =>
        RelayServer.StartAsync(new() { Listen = listen, Folder = folder, Limits = new RelayLimits { FreeDisk = 0 } }, TestPerson.Crypto, time);
}
