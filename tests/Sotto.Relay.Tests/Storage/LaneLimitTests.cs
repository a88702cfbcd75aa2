using Sotto.Relay.Channels;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Storage;

/// <summary>How much strangers may post, and what is stored for waking a device.</summary>
public sealed class LaneLimitTests
{
    [Fact]
    public async Task Strangers_post_three_times_an_hour_into_a_lane_and_pay_for_nothing_more()
    {
        await using var test = Test();
        var line = await test.CreateAsync(ChannelKind.Intro);
        var lane = new NewLane(StoreUnderTest.Hash(), LaneKind.Strangers, null, 1);
        await test.Store.OpenLaneAsync(line.Owner, lane);
        var vouchers = Enumerable.Range(0, Limits.StrangersPerHour + 1).Select(_ => StoreUnderTest.Hash()).ToList();
        await test.Store.AddVouchersAsync(vouchers);
        for (var i = 0; i < 10; i++)
            await StoreUnderTest.RefusedAsync(RelayProblem.TokenRefused, () => test.Store.PostAsync(line.Intro(lane.LaneHash, tokenHash: StoreUnderTest.Hash())));
        foreach (var voucher in vouchers.Take(Limits.StrangersPerHour))
            await test.Store.PostAsync(line.Intro(lane.LaneHash, tokenHash: voucher));

        var refusal = await StoreUnderTest.RefusedAsync(RelayProblem.RateLimited, () => test.Store.PostAsync(line.Intro(lane.LaneHash, tokenHash: vouchers[^1])));
        Assert.Equal(3600, refusal.RetryAfterSeconds);
        test.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(4UL, await test.Store.PostAsync(line.Intro(lane.LaneHash, tokenHash: vouchers[^1])));
    }

    [Fact]
    public async Task A_wake_token_is_stored_until_it_is_taken_away()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await test.Store.SetWakeTokenAsync(line.Own, [1, 2, 3]);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.SetWakeTokenAsync(line.Own with { ReadCapabilityHash = StoreUnderTest.Hash() }, [4]));
        await test.ReopenAsync();
        Assert.Equal([1, 2, 3], StoredToken(test));

        await test.Store.SetWakeTokenAsync(line.Own, null);
        Assert.Null(StoredToken(test));
    }

    [Fact]
    public async Task A_device_whose_key_packages_run_low_is_one_event()
    {
        var events = new Events();
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (contact, today) = (StoreUnderTest.Hash(), (uint)relay.Today);
        await relay.Server.DisposeAsync();
        await using var store = new SqliteAccountStore(relay.Folder, relay.Time, events);
        await store.ChangeContactsAsync(ann.Keys.Id, ann.Device.Public, new([contact], [], false));
        var packages = Enumerable.Range(0, 26).Select(_ => new Wire.Http.KeyPackageItem(Bytes.Random(100), today + 10)).ToList();
        await store.AddKeyPackagesAsync(ann.Keys.Id, ann.Device.Public, new(packages, new(Bytes.Random(100), today + 10), false));

        var id = StoreUnderTest.Id();
        await store.ClaimAsync(ann.Keys.Id, contact, StoreUnderTest.Id());
        Assert.Equal(0, events.Low);
        await store.ClaimAsync(ann.Keys.Id, contact, id);
        await store.ClaimAsync(ann.Keys.Id, contact, id);
        await store.ClaimAsync(ann.Keys.Id, contact, StoreUnderTest.Id());
        Assert.Equal(1, events.Low);
    }

    private static byte[]? StoredToken(StoreUnderTest test)
    {
        using var connection = SqliteMigrations.OpenForReading(Path.Combine(test.Folder, MailboxSchema.FileName));
        using var read = connection.PrepareOnce("SELECT wake_token FROM mailboxes");
        Assert.True(read.Start().Next());
        return read.OptionalBytes(0);
    }

    private static StoreUnderTest Test() => new(test => new SqliteMailboxStore(test.Folder, TestRelay.Crypto, test.Time, test.Limits, test));

    private sealed class Events : IAccountEvents
    {
        public int Low { get; private set; }

        public void KeyPackagesRanLow() => Low++;
    }
}
