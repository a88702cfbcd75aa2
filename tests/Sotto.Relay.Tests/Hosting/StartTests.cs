using System.Net;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>A start that is refused leaves nothing behind.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("accounts.db")]
    [InlineData("mailbox.db")]
    [InlineData("relay.key")]
    public async Task The_folder_is_free_again_when_a_file_in_it_is_refused(string name)
    {
        using var folder = new RelayFolder();
        var path = Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(path, "nothing that a relay wrote, and long enough to be looked at twice. ".PadRight(2000, '.'));
        await Assert.ThrowsAsync<StorageException>(() => StartAsync(folder));

        File.Delete(path);
        await using var relay = await StartAsync(folder);
        Assert.True(relay.Address.Port > 0);
    }

    [Fact]
    public async Task The_folder_is_free_again_when_the_port_is_taken()
    {
        using var folder = new RelayFolder();
        await using var other = await TestRelay.StartAsync();
        await Assert.ThrowsAsync<IOException>(() => StartAsync(folder, other.Server.Address.Port));
        await using var relay = await StartAsync(folder);
        Assert.NotEqual(other.Server.Address.Port, relay.Address.Port);
    }

    private static Task<RelayServer> StartAsync(RelayFolder folder, int port = 0) =>
        RelayServer.StartAsync(new() { Listen = new(IPAddress.Loopback, port), Folder = folder.Path }, TestRelay.Crypto, TimeProvider.System);
}
