using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Storage;

/// <summary>The conformance suite on SQLite, and what is SQLite's own.</summary>
public sealed class SqliteMailboxStoreTests : MailboxStoreConformance
{
    protected override IMailboxStore Open(StoreUnderTest test) =>
        new SqliteMailboxStore(test.Folder, TestRelay.Crypto, test.Time, test.Limits, test);

    protected override Task SettleAsync(IMailboxStore store) => ((SqliteMailboxStore)store).SettleAllAsync();

    [Fact]
    public async Task The_log_is_empty_after_an_orderly_end()
    {
        await using var test = new StoreUnderTest(Open);
        var line = await test.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(_ => test.Store.PostAsync(line.Message(16))));
        await test.ReopenAsync();

        using (var file = SqliteConnection.Open(Path.Combine(test.Folder, "mailbox.db"), readOnly: true))
        {
            Assert.Equal(0, file.Scalar("SELECT count(*) FROM log"));
            Assert.Equal(1200, file.Scalar("SELECT count(*) FROM entries"));
        }

        Assert.Equal(1200, (await line.ReadAsync()).Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_acknowledgement_is_not_lost_with_a_group_that_is_rolled_back(bool committedBefore)
    {
        await using var test = new StoreUnderTest(Open);
        var line = await test.CreateAsync();
        await test.Store.PostAsync(line.Message());
        var key = (await test.Store.OpenAsync(line.Own)).Channel;
        await test.ReopenAsync(() =>
        {
            using var connection = MailboxSchema.Migrations.OpenForWriting(Path.Combine(test.Folder, MailboxSchema.FileName));
            var tables = new MailboxTables(connection, TestRelay.Crypto, test.Time, test.Limits, new());
            tables.Acknowledge(key, line.Own.Mailbox, 1);
            tables.BeginGroup();
            if (committedBefore)
            {
                tables.GroupCommitted();
                tables.BeginGroup();
            }

            tables.GroupRolledBack();
            tables.BeginGroup();
            Assert.Equal(1UL, tables.OpenForReading(line.Own).Acknowledged);
            tables.SettleOlderThan(TimeSpan.Zero);
            tables.GroupCommitted();
        });

        Assert.Equal(1UL, (await test.Store.OpenAsync(line.Own)).Acknowledged);
    }

    [Fact]
    public async Task The_end_of_an_overlap_leaves_no_time_in_the_file()
    {
        await using var test = new StoreUnderTest(Open);
        var line = await test.CreateAsync();
        await line.AdvanceAsync();
        using var file = SqliteConnection.Open(Path.Combine(test.Folder, "mailbox.db"), readOnly: true);
        Assert.Equal(1, file.Scalar("SELECT count(*) FROM channels WHERE overlap_until > 0"));

        test.Time.Advance(TimeSpan.FromMinutes(5));
        await test.Store.MaintainAsync();
        Assert.Equal(0, file.Scalar("SELECT count(*) FROM channels WHERE overlap_until > 0 OR previous_write_hash IS NOT NULL"));
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_not_changed()
    {
        var folder = Directory.CreateTempSubdirectory("sotto-newer-").FullName;
        var path = Path.Combine(folder, "mailbox.db");
        using (var connection = MailboxSchema.Migrations.OpenForWriting(path))
            connection.Execute("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
        var before = File.ReadAllBytes(path);

        var refusal = Assert.Throws<StorageException>(() => MailboxSchema.Migrations.OpenForWriting(path));
        Assert.Equal(StorageFailure.Newer, refusal.Failure);
        Assert.Equal(before, File.ReadAllBytes(path));
        Directory.Delete(folder, true);
    }

    [Fact]
    public void A_file_of_the_other_plane_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("sotto-other-").FullName;
        var path = Path.Combine(folder, "mailbox.db");
        Relay.Storage.Sqlite.Accounts.AccountSchema.Migrations.OpenForWriting(path).Dispose();

        Assert.Equal(StorageFailure.Damaged, Assert.Throws<StorageException>(() => MailboxSchema.Migrations.OpenForWriting(path)).Failure);
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_file_of_the_first_version_goes_on_with_its_channels_and_answers()
    {
        await using var test = new StoreUnderTest(Open);
        var line = await test.CreateAsync();
        var path = Path.Combine(test.Folder, MailboxSchema.FileName);
        var posted = line.Message();
        var sequence = await test.Store.PostAsync(posted);
        await test.ReopenAsync(() =>
        {
            using var before = SqliteConnection.Open(path);
            before.Execute("""
                DROP INDEX lanes_of_invites;
                CREATE TABLE by_id(channel, idempotency_id, digest, sequence, day, PRIMARY KEY(channel, idempotency_id)) WITHOUT ROWID;
                INSERT INTO by_id SELECT channel, idempotency_id, digest, sequence, day FROM answers;
                DROP TABLE answers;
                ALTER TABLE by_id RENAME TO answers;
                PRAGMA user_version = 1
                """);
        });
        Assert.Equal(sequence, await test.Store.PostAsync(posted));
        Assert.Equal(sequence + 1, await test.Store.PostAsync(line.Message()));
        using var file = SqliteConnection.Open(path, readOnly: true);
        Assert.Equal((3, 1), (file.Scalar("PRAGMA user_version"), file.Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'lanes_of_invites'")));
        Assert.True(File.Exists(path + ".v1"));
    }

    [Fact]
    public void A_migration_copies_the_file_first_and_keeps_what_is_in_it()
    {
        var folder = Directory.CreateTempSubdirectory("sotto-migration-").FullName;
        var path = Path.Combine(folder, "some.db");
        using (var old = new SqliteMigrations(7, ["CREATE TABLE a(x); INSERT INTO a VALUES(5);"]).OpenForWriting(path))
            Assert.Equal(5, old.Scalar("SELECT x FROM a"));

        using (var migrated = new SqliteMigrations(7, ["", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;"]).OpenForWriting(path))
            Assert.Equal(6, migrated.Scalar("SELECT y FROM a"));
        using var copy = SqliteConnection.Open(path + ".v1", readOnly: true);
        Assert.Equal(5, copy.Scalar("SELECT x FROM a"));
        Assert.Equal(1, copy.Scalar("PRAGMA user_version"));
        Assert.Equal(7, copy.Scalar("PRAGMA application_id"));
        Directory.Delete(folder, true);
    }
}
