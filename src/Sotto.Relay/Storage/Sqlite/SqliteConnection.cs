using SQLitePCL;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>One connection to a database file, used by one thread at a time. The owner disposes it, after its statements.</summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    static SqliteConnection() => Batteries_V2.Init();

    private SqliteConnection(sqlite3 handle) => _handle = handle;

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Rows changed since it was opened.</summary>
    public long TotalChanges => raw.sqlite3_total_changes(_handle);

    /// <summary>Opens a file, or makes it unless the connection is to read only.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static SqliteConnection Open(string path, bool readOnly = false)
    {
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var result = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (result != raw.SQLITE_OK)
        {
            handle?.Dispose();
            throw SqliteErrors.Of(result, "The database cannot be opened.");
        }

        var connection = new SqliteConnection(handle);
        _ = raw.sqlite3_extended_result_codes(handle, 1);
        _ = raw.sqlite3_busy_timeout(handle, 10_000);
        return connection;
    }

    /// <summary>Runs SQL without parameters or rows.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public void Execute(string sql)
    {
        var result = raw.sqlite3_exec(_handle, sql);
        if (result != raw.SQLITE_OK)
            throw SqliteErrors.Of(result, raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    /// <summary>A statement to use again and again, which the connection disposes.</summary>
    public SqliteStatement Prepare(string sql)
    {
        var statement = PrepareOnce(sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>A statement that the caller disposes before the connection does anything else.</summary>
    public SqliteStatement PrepareOnce(string sql)
    {
        var result = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        if (result != raw.SQLITE_OK)
            throw SqliteErrors.Of(result, raw.sqlite3_errmsg(_handle).utf8_to_string());
        return new SqliteStatement(_handle, statement);
    }

    /// <summary>The first column of the first row.</summary>
    public long Scalar(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Start().Next() ? statement.Integer(0) : 0;
    }

    /// <summary>Looks at the whole file.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    public void RequireIntact()
    {
        using var check = PrepareOnce("PRAGMA quick_check(1)");
        if (!check.Start().Next() || !check.Blob(0).SequenceEqual("ok"u8))
            throw new StorageException(StorageFailure.Damaged, "The database is damaged.");
        check.Reset();
    }

    /// <summary>Leaves an open transaction, whatever state it is in.</summary>
    public void RollBack()
    {
        foreach (var statement in _statements)
            statement.Reset();
        if (raw.sqlite3_get_autocommit(_handle) == 0)
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    /// <summary>Copies what the log holds into the database file without keeping anybody from writing.</summary>
    /// <param name="restart">Also makes the next writer begin the log anew, for which it may wait.</param>
    public void Checkpoint(bool restart) =>
        _ = raw.sqlite3_wal_checkpoint_v2(_handle, null, restart ? raw.SQLITE_CHECKPOINT_RESTART : raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _handle.Dispose();
    }
}
