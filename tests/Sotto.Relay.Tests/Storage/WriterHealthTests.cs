using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Storage;

/// <summary>Health says how the last write went, and a probe finds out when nobody writes.</summary>
public sealed class WriterHealthTests : IAsyncDisposable
{
    private readonly RelayFolder _folder = new();
    private readonly StorageHealth _health = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteWriter<NoTables> _writer;

    public WriterHealthTests()
    {
        _connection = SqliteConnection.Open(Path.Combine(_folder.Path, "test.db"));
        _connection.Execute("PRAGMA journal_mode=WAL; CREATE TABLE rows(value INTEGER)");
        _writer = new(_connection, new(), _health, "test");
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_group_that_changes_nothing_does_not_turn_health_green()
    {
        await FillAsync();
        await _writer.RunAsync(_ => true);
        Assert.Equal(StorageFailure.Full, _health.Trouble?.Failure);
    }

    [Fact]
    public async Task The_next_write_that_succeeds_turns_health_green()
    {
        await FillAsync();
        await SetAsync("INSERT INTO rows VALUES(1)");
        Assert.Null(_health.Trouble);
    }

    [Fact]
    public async Task A_probe_finds_trouble_and_its_end()
    {
        // The writer rests between groups, so the connection is this thread's for a moment.
        _connection.Execute("PRAGMA query_only=1");
        await Assert.ThrowsAsync<StorageException>(_writer.ProbeAsync);
        Assert.Equal(StorageFailure.ReadOnly, _health.Trouble?.Failure);

        _connection.Execute("PRAGMA query_only=0");
        await _writer.ProbeAsync();
        Assert.Null(_health.Trouble);
    }

    [Fact]
    public async Task A_work_that_breaks_a_rule_of_the_tables_fails_alone_and_says_nothing_of_the_disk()
    {
        await SetAsync("CREATE TABLE once(value INTEGER PRIMARY KEY)");
        using var mayGo = new ManualResetEventSlim();
        var first = _writer.RunAsync(_ =>
        {
            mayGo.Wait(TestContext.Current.CancellationToken);
            return true;
        });
        var before = SetAsync("INSERT INTO once VALUES(1)");
        var breaks = SetAsync("INSERT INTO once VALUES(2); INSERT INTO once VALUES(2)");
        var after = SetAsync("INSERT INTO once VALUES(3)");
        mayGo.Set();

        await Task.WhenAll(first, before, after);
        Assert.Equal(StorageFailure.Rule, (await Assert.ThrowsAsync<StorageException>(() => breaks)).Failure);
        Assert.Null(_health.Trouble);
        Assert.Equal(4, _connection.Scalar("SELECT sum(value) FROM once"));
    }

    private async Task FillAsync()
    {
        await SetAsync("PRAGMA max_page_count=3");
        await Assert.ThrowsAsync<StorageException>(() => SetAsync("INSERT INTO rows VALUES(zeroblob(100000))"));
        Assert.NotNull(_health.Trouble);
    }

    private Task<bool> SetAsync(string sql) => _writer.RunAsync(_ =>
    {
        _connection.Execute(sql);
        return true;
    });

    private sealed class NoTables : ISqliteTables
    {
        public void BeginGroup()
        {
            // Nothing is kept in memory.
        }

        public void GroupCommitted()
        {
            // Nothing is kept in memory.
        }

        public void GroupRolledBack()
        {
            // Nothing is kept in memory.
        }
    }
}
