using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>Trouble with the disk is said once, and its end too.</summary>
public sealed class HealthWatchTests
{
    [Fact]
    public async Task A_quiet_relay_turns_green_by_itself_and_says_so()
    {
        var log = new CollectedLog();
        await using var relay = await TestRelay.StartAsync(settings => settings, log);
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        relay.Server.Mailboxes.Health.Set(new(StorageFailure.Disk, "broken"));
        relay.Server.Accounts.Health.Set(new(StorageFailure.Full, "full"));
        Assert.Equal("Full", await (await http.GetAsync("/health/ready")).Content.ReadAsStringAsync());

        await relay.Server.LookAtHealthAsync();
        Assert.Equal("ready", await http.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task Each_change_is_logged_once()
    {
        var log = new CollectedLog();
        var health = new StorageHealth();
        var isBroken = true;
        Task ProbeAsync()
        {
            var trouble = isBroken ? new StorageException(StorageFailure.Disk, "broken") : null;
            health.Set(trouble);
            return trouble is null ? Task.CompletedTask : Task.FromException(trouble);
        }

        var watch = new HealthWatch([new("mailbox", health, ProbeAsync)], new RoomWatch("/", 0, TimeProvider.System), log);
        await watch.LookAsync();
        Assert.Empty(log.Events);

        health.Set(new(StorageFailure.Disk, "broken"));
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Equal("The mailbox database cannot store: Disk.", Assert.Single(log.Events).Text);

        isBroken = false;
        await watch.LookAsync();
        await watch.LookAsync();
        Assert.Equal(["StorageTrouble", "StorageMended"], log.Events.Select(line => line.Name));
    }

    [Fact]
    public async Task A_full_disk_is_logged_once()
    {
        await using var relay = await TestRelay.StartAsync();
        var log = new CollectedLog();
        var full = new HealthWatch([], new RoomWatch(relay.Folder, 1, relay.Time), log);
        await full.LookAsync();
        await full.LookAsync();
        Assert.Equal("DiskTight", Assert.Single(log.Events).Name);
    }
}
