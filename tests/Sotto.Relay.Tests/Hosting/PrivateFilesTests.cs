using System.Runtime.Versioning;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>What lies in a relay's folder is closed to other users, also in a folder that they may enter.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Files_in_a_folder_that_others_may_enter_are_closed_to_them_the_old_ones_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such modes.");
        var folder = Directory.CreateTempSubdirectory("sotto-open-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(Path.Combine(folder, "accounts.db"), "", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(folder, "accounts.db"), (UnixFileMode)0b110_100_100);
        await using var relay = await TestRelay.StartAsync(folder: folder);
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        await TestChannel.CreateAsync(stream, ann);
        await using (var blob = Blobs.BlobFolder.Open(folder).OpenForWriting(new(new(Bytes.Random(16)), new(Bytes.Random(16)))))
            blob.WriteByte(1);

        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 5);
        Assert.All(files, file => Assert.Equal((file, UnixFileMode.None), (file, File.GetUnixFileMode(file) & Others)));
    }
}
