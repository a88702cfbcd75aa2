using Sotto.Relay.Hosting;
using Sotto.Relay.Operating;
using Sotto.Relay.Storage;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Operating;

/// <summary>What a backup holds, and what is refused as one.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_backup_under_load_holds_everything_that_was_answered_before_it()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        using var end = new CancellationTokenSource();
        var acknowledged = 0UL;
        var writing = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
                Volatile.Write(ref acknowledged, (await stream.AskAsync(channel.Message(Bytes.Random(512)))).Posted.Sequence);
        });
        while (Volatile.Read(ref acknowledged) < 50)
            await Task.Yield();
        var before = Volatile.Read(ref acknowledged);
        using var backup = await Task.Run(() => TestBackup.Of(relay));
        await end.CancelAsync();
        await writing;

        await relay.RestoreAsync(backup);
        await using var after = await relay.ConnectAsync();
        var reads = (await after.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        Assert.InRange(reads.Head, before, acknowledged);
        for (var sequence = 1UL; sequence <= reads.Head; sequence++)
            Assert.Equal(sequence, (await after.EntryAsync(reads.Subscription)).Sequence);
    }

    [Fact]
    public async Task Everything_in_it_is_closed_to_other_users()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes");
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        using var backup = TestBackup.Of(relay);

        Assert.Equal(["accounts.db", "backup.json", "mailbox.db", "relay.key", "relay.state", "tls.pem"], Directory.GetFiles(backup.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in Directory.GetFiles(backup.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("accounts.db")]
    [InlineData("mailbox.db")]
    [InlineData("relay.key")]
    [InlineData("backup.json")]
    public async Task A_backup_that_was_changed_or_lacks_a_file_is_refused_and_changes_nothing(string name)
    {
        await using var relay = await TestRelay.StartAsync();
        using var backup = TestBackup.Of(relay);
        using var folder = new RelayFolder();
        var path = Path.Combine(backup.Path, name);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Assert.Equal(StorageFailure.Damaged, Refused(backup, folder).Failure);
        File.Delete(path);
        Assert.Equal(StorageFailure.Damaged, Refused(backup, folder).Failure);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Blobs_come_back_whole_and_a_backup_that_lacks_one_is_refused()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using (var stream = await relay.ConnectAsync())
        {
            var channel = await TestChannel.CreateAsync(stream, ann);
            var (blob, content) = (new TestBlob(channel), Bytes.Random(200_000));
            await blob.UploadAsync(relay.Server.Address, content, ann.Vouchers.Dequeue());
            using var backup = TestBackup.Of(relay);
            await relay.RestoreAsync(backup);
            Assert.Equal(content, await blob.DownloadAsync(relay.Server.Address));

            using var folder = new RelayFolder();
            File.Delete(Directory.GetFiles(Path.Combine(backup.Path, "blobs"), "*", SearchOption.AllDirectories).Single());
            Assert.Contains("Blobs are missing", Refused(backup, folder).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_neither_backed_up_into_nor_restored_into()
    {
        await using var relay = await TestRelay.StartAsync();
        using var backup = TestBackup.Of(relay);
        using var folder = new RelayFolder();
        var file = Path.Combine(folder.Path, "something");
        await File.WriteAllTextAsync(file, "mine");

        Assert.Throws<SettingsException>(() => RelayBackup.Make(relay.Folder, folder.Path, relay.Time));
        Assert.Throws<SettingsException>(() => RelayRestore.Restore(backup.Path, folder.Path, TestRelay.Crypto, relay.Time));
        Assert.Throws<SettingsException>(() => RelayBackup.Make(folder.Path, backup.Path + "2", relay.Time));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task No_relay_starts_on_a_restore_that_did_not_end()
    {
        await using var relay = await TestRelay.StartAsync();
        using var folder = new RelayFolder();
        using (UnfinishedRestore.Begin(folder.Path))
            Assert.Equal(StorageFailure.InUse, (await StartAsync(folder)).Failure);
        Assert.Equal(StorageFailure.Damaged, (await StartAsync(folder)).Failure);
        Assert.False(File.Exists(Path.Combine(folder.Path, "relay.key")));
    }

    private static Task<StorageException> StartAsync(RelayFolder folder) =>
        Assert.ThrowsAsync<StorageException>(() => RelayServer.StartAsync(new() { Listen = new(System.Net.IPAddress.Loopback, 0), Folder = folder.Path }, TestRelay.Crypto, TimeProvider.System));

    private static StorageException Refused(TestBackup backup, RelayFolder folder) =>
        Assert.Throws<StorageException>(() => RelayRestore.Restore(backup.Path, folder.Path, TestRelay.Crypto, TimeProvider.System));
}
