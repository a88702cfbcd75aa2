namespace Sotto.Relay.Storage.Sqlite;

/// <summary>
/// Moves what the write-ahead log holds into the database file, on a thread and a connection of its own, so that no commit
/// waits for it. Only when the log has grown beyond bounds is a writer made to wait.
/// </summary>
internal sealed class SqliteCheckpoints : IAsyncDisposable
{
    private const long WorthIt = 4 * 1024 * 1024;
    private const long OutOfBounds = 256 * 1024 * 1024;

    private readonly string _log;
    private readonly SqliteConnection _connection;
    private readonly PeriodicTimer _timer;
    private readonly Task _running;

    public SqliteCheckpoints(string path, TimeProvider time)
    {
        _log = path + "-wal";
        _connection = SqliteConnection.Open(path);
        // Until it has read something, a connection does not know of the log and a checkpoint does nothing.
        _connection.Scalar("SELECT count(*) FROM sqlite_schema");
        _timer = new(TimeSpan.FromSeconds(1), time);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Moves what the log holds when that is worth it.</summary>
    public void Look()
    {
        var size = new FileInfo(_log) is { Exists: true } file ? file.Length : 0;
        if (size > WorthIt)
            _connection.Checkpoint(restart: size > OutOfBounds);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running.ConfigureAwait(false);
        _connection.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
            Look();
    }
}
