using System.Net;
using Sotto.Client.Relays;
using Sotto.Crypto.Native;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Relay.Operating;
using Sotto.Relay.Storage;
using Sotto.Simulation.Tests.Twin;
using Sotto.Wire.Links;

namespace Sotto.Simulation.Tests.Conformance;

/// <summary>A relay that scenes are played with: the twin, or the real one.</summary>
internal abstract class RelayUnderTest : IAsyncDisposable
{
    public static NativeCryptoProvider Crypto { get; } = new();

    public abstract IRelays Relays { get; }

    public static async Task<RelayUnderTest> StartAsync(bool isReal) => isReal ? await RealRelay.StartAsync() : new MemoryRelay();

    public abstract Task<RegistrationLink> NewLinkAsync();

    /// <summary>Connections end; everything else stays.</summary>
    public abstract Task RestartAsync();

    /// <summary>Keeps what there is now, for <see cref="RestoreAsync"/>.</summary>
    public abstract void BackUp();

    /// <summary>What there was at the backup takes the place of what there is.</summary>
    public abstract Task RestoreAsync();

    public abstract ValueTask DisposeAsync();

    private sealed class MemoryRelay : RelayUnderTest
    {
        private readonly TwinRelay _twin = new(Crypto, TimeProvider.System);
        private readonly DirectRoad _road;
        private TwinState _backup = new();

        public MemoryRelay()
        {
            _road = new(_twin);
            Relays = new TwinRelays(_twin, _road);
        }

        public override IRelays Relays { get; }

        public override Task<RegistrationLink> NewLinkAsync() => _road.AskAsync("link", _twin.NewLink, default);

        public override Task RestartAsync()
        {
            _road.Cut();
            _twin.Restart();
            return Task.CompletedTask;
        }

        public override void BackUp()
        {
            _twin.Channels.Settle();
            _backup = _twin.State;
        }

        public override Task RestoreAsync()
        {
            _road.Cut();
            _twin.Restore(_backup);
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            Assert.Empty(_twin.Complaints);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class RealRelay : RelayUnderTest
    {
        private readonly string _folder;
        private RelayServer _server;
        private string? _backup;

        private RealRelay(string folder, RelayServer server)
        {
            (_folder, _server, Relays) = (folder, server, new HttpRelays(Crypto, TimeProvider.System));
            Listen = new(IPAddress.Loopback, server.Address.Port);
        }

        public override IRelays Relays { get; }

        private IPEndPoint Listen { get; }

        public static async Task<RealRelay> StartAsync()
        {
            var folder = Directory.CreateTempSubdirectory("sotto-simulation-").FullName;
            return new(folder, await StartAsync(folder, new(IPAddress.Loopback, 0)));
        }

        public override Task<RegistrationLink> NewLinkAsync() =>
            RegistrationTokens.IssueAsync(Crypto, _server.Accounts, _server.Identity, _server.Address.Authority, 1, TimeProvider.System);

        public override async Task RestartAsync()
        {
            await _server.DisposeAsync();
            _server = await StartAsync(_folder, Listen);
        }

        public override void BackUp()
        {
            _backup = Path.Combine(Directory.CreateTempSubdirectory("sotto-simulation-").FullName, "backup");
            RelayBackup.Make(_folder, _backup, TimeProvider.System);
        }

        public override async Task RestoreAsync()
        {
            await _server.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
            RelayRestore.Restore(_backup!, _folder, Crypto, TimeProvider.System);
            Directory.Delete(Path.GetDirectoryName(_backup!)!, recursive: true);
            _server = await StartAsync(_folder, Listen);
        }

        public override async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }

        private static Task<RelayServer> StartAsync(string folder, IPEndPoint listen) =>
            RelayServer.StartAsync(new() { Listen = listen, Folder = folder, Limits = new RelayLimits { FreeDisk = 0 } }, Crypto, TimeProvider.System);
    }
}
