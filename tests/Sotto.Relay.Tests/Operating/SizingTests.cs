using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;
using Sotto.Relay.Tests.Storage;

namespace Sotto.Relay.Tests.Operating;

/// <summary>What lies on the disk for each thing, as the sizing table of docs/operating.md says.</summary>
public sealed class SizingTests
{
    [Fact]
    public async Task An_unread_message_of_512_bytes_takes_at_most_900_and_a_channel_at_most_600()
    {
        await using var test = Store();
        var empty = await SizeAsync(test);
        var lines = new List<Line>();
        for (var i = 0; i < 400; i++)
            lines.Add(await test.CreateAsync());
        var channels = await SizeAsync(test);
        foreach (var line in lines)
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => test.Store.PostAsync(line.Message())));
        var messages = await SizeAsync(test);

        Report("channel with a mailbox", (channels - empty) / 400);
        Report("unread message of 512 bytes", (messages - channels) / 16_000);
        Assert.InRange((channels - empty) / 400, 100, 600);
        Assert.InRange((messages - channels) / 16_000, 512, 900);
    }

    [Fact]
    public async Task An_account_with_100_key_packages_of_2_KiB_takes_at_most_500_KiB()
    {
        await using var relay = await TestRelay.StartAsync();
        var people = new List<Person>();
        for (var i = 0; i < 20; i++)
            people.Add(await relay.RegisterAsync(vouchers: 0));
        await relay.Server.DisposeAsync();
        await using (var store = new SqliteAccountStore(relay.Folder, relay.Time))
        {
            foreach (var person in people)
            {
                var packages = Enumerable.Range(0, 100).Select(_ => new Wire.Http.KeyPackageItem(Bytes.Random(2048), (uint)relay.Today + 10)).ToList();
                await store.AddKeyPackagesAsync(person.Keys.Id, person.Device.Public, new(packages, null, false));
                person.Dispose();
            }
        }

        var each = new FileInfo(Path.Combine(relay.Folder, AccountSchema.FileName)).Length / people.Count;
        Report("account with 100 key packages of 2 KiB", each);
        Assert.InRange(each, 200 * 1024, 500 * 1024);
    }

    private static StoreUnderTest Store() => new(test => new SqliteMailboxStore(test.Folder, TestRelay.Crypto, test.Time, test.Limits, test));

    /// <summary>Closing settles everything and leaves it in the file.</summary>
    private static async Task<long> SizeAsync(StoreUnderTest test)
    {
        await test.ReopenAsync();
        return new FileInfo(Path.Combine(test.Folder, MailboxSchema.FileName)).Length;
    }

    private static void Report(string what, long bytes) => TestContext.Current.SendDiagnosticMessage($"{what}: {bytes} bytes");
}
