using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Storage;

/// <summary>The log of a database does not grow for ever.</summary>
public sealed class SqliteCheckpointsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sotto-checkpoints-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_the_log_holds_is_moved_and_the_log_begins_anew_while_the_writer_works()
    {
        var path = Path.Combine(_folder, MailboxSchema.FileName);
        using var writer = MailboxSchema.Migrations.OpenForWriting(path);
        await using var checkpoints = new SqliteCheckpoints(path, new TestClock(DateTimeOffset.UnixEpoch));
        Write(writer, 6);
        checkpoints.Look();

        Assert.True(new FileInfo(path).Length > 6 * 1024 * 1024, "Nothing was moved.");
        var log = new FileInfo(path + "-wal").Length;
        Write(writer, 4);
        Assert.Equal(log, new FileInfo(path + "-wal").Length);
    }

    private static void Write(SqliteConnection writer, int mebibytes)
    {
        for (var i = 0; i < mebibytes; i++)
            writer.Execute($"INSERT INTO entries SELECT count(*), 1, 0, 0, NULL, zeroblob(1048576) FROM entries");
    }
}
