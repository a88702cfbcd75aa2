using System.Collections.Concurrent;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>A few connections that read beside the writer; each is used by one thread at a time.</summary>
/// <typeparam name="TQueries">Prepared statements of one connection.</typeparam>
internal sealed class SqliteReaders<TQueries> : IDisposable
{
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentBag<(SqliteConnection Connection, TQueries Queries)> _idle = [];
    private readonly List<SqliteConnection> _all = [];

    public SqliteReaders(string path, int count, Func<SqliteConnection, TQueries> prepare)
    {
        _free = new(count);
        for (var i = 0; i < count; i++)
        {
            var connection = SqliteMigrations.OpenForReading(path);
            _all.Add(connection);
            _idle.Add((connection, prepare(connection)));
        }
    }

    /// <summary>Reads with a connection of its own.</summary>
    /// <exception cref="StorageException">The read failed.</exception>
    public async Task<T> ReadAsync<T>(Func<TQueries, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        _idle.TryTake(out var reader);
        try
        {
            return read(reader.Queries);
        }
        finally
        {
            _idle.Add(reader);
            _free.Release();
        }
    }

    public void Dispose()
    {
        foreach (var connection in _all)
            connection.Dispose();
        _free.Dispose();
    }
}
