using Sotto.Client.Storage;
using SQLitePCL;

namespace Sotto.Client.Sqlite;

/// <summary>
/// Rows in one SQLite file: WAL, synchronous=FULL, deleted pages overwritten, nothing temporary on disk. A lock file keeps other
/// processes out; a number that grows with each opening keeps out one that lost its lock.
/// </summary>
public sealed class SqliteRecordFile : IRecordFile
{
    private const long SchemaVersion = 1;
    private const int HeaderId = 1;
    private const int OpeningId = 2;

    private readonly FileStream _lock;
    private readonly sqlite3 _database;
    private readonly Lock _gate = new();
    private readonly sqlite3_stmt _save;
    private readonly sqlite3_stmt _delete;
    private readonly sqlite3_stmt _find;
    private readonly sqlite3_stmt _read;
    private readonly sqlite3_stmt _readLast;

    static SqliteRecordFile() => Batteries_V2.Init();

    private SqliteRecordFile(FileStream held, sqlite3 database)
    {
        (_lock, _database) = (held, database);
        Configure();
        Opening = TakeOpening();
        _save = Prepare("INSERT INTO records VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET generation = excluded.generation, value = excluded.value");
        _delete = Prepare("DELETE FROM records WHERE tbl = ? AND scope = ? AND name = ?");
        _find = Prepare("SELECT generation, value FROM records WHERE tbl = ? AND scope = ? AND name = ?");
        _read = Prepare("SELECT name, generation, value FROM records WHERE tbl = ? AND scope = ? ORDER BY name");
        _readLast = Prepare("SELECT name, generation, value FROM records WHERE tbl = ? AND scope = ? AND name < ? ORDER BY name DESC LIMIT ?");
    }

    /// <inheritdoc/>
    public long Opening { get; }

    /// <summary>Opens a file, or makes it, closed to other users.</summary>
    /// <param name="path">Where; its folder is made when it is not there.</param>
    /// <exception cref="ClientException">Another process has it open, it is of a newer version, or it is no such file.</exception>
    public static SqliteRecordFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var held = TakeLock(path + ".lock");
        sqlite3? database = null;
        try
        {
            var result = raw.sqlite3_open_v2(path, out database, raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, null);
            if (result != raw.SQLITE_OK)
                throw SqliteFailures.Of(result, "The profile's store cannot be opened.");
            CloseToOthers(path);
            return new(held, database);
        }
        catch
        {
            database?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult(ReadMeta(HeaderId));
    }

    /// <inheritdoc/>
    public ValueTask WriteHeaderAsync(byte[] header, CancellationToken cancellationToken)
    {
        lock (_gate)
            WriteMeta(HeaderId, header);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<FileRow?> FindAsync(RowKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Bind(_find, key);
            try
            {
                return ValueTask.FromResult(Step(_find) ? new FileRow(key, raw.sqlite3_column_int64(_find, 0), raw.sqlite3_column_blob(_find, 1).ToArray()) : null);
            }
            finally
            {
                Reset(_find);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FileRow>> ReadAsync(byte table, ReadOnlyMemory<byte> scope, ReadOnlyMemory<byte>? before, int most, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var statement = before is null ? _read : _readLast;
            raw.sqlite3_bind_int64(statement, 1, table);
            raw.sqlite3_bind_blob(statement, 2, scope.Span);
            if (before is { } name)
            {
                raw.sqlite3_bind_blob(statement, 3, name.Span);
                raw.sqlite3_bind_int64(statement, 4, most);
            }

            var rows = ReadRows(statement, table, scope);
            if (before is not null)
                rows.Reverse();
            return ValueTask.FromResult<IReadOnlyList<FileRow>>(rows);
        }
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(IReadOnlyList<FileRow> changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (_gate)
            InTransaction(() =>
            {
                RequireOpening();
                foreach (var change in changes)
                    Apply(change);
            });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            foreach (var statement in (sqlite3_stmt[])[_save, _delete, _find, _read, _readLast])
                statement.Dispose();
            _ = raw.sqlite3_wal_checkpoint_v2(_database, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
            _database.Dispose();
            _lock.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void Configure()
    {
        raw.sqlite3_extended_result_codes(_database, 1);
        raw.sqlite3_busy_timeout(_database, 5_000);
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA secure_delete=ON");
        Execute("PRAGMA temp_store=MEMORY");
        var version = Number("PRAGMA user_version");
        if (version > SchemaVersion)
            throw new ClientException(ClientFailure.StoreTooNew, "The profile was written by a newer version. It was not changed.");
        if (version == SchemaVersion)
            return;
        InTransaction(() =>
        {
            Execute("CREATE TABLE IF NOT EXISTS meta(id INTEGER PRIMARY KEY, value BLOB NOT NULL)");
            Execute("CREATE TABLE IF NOT EXISTS records(tbl INTEGER NOT NULL, scope BLOB NOT NULL, name BLOB NOT NULL, generation INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY(tbl, scope, name)) WITHOUT ROWID");
            Execute($"PRAGMA user_version={SchemaVersion}");
        });
    }

    private long TakeOpening()
    {
        var next = Current() + 1;
        WriteMeta(OpeningId, BitConverter.GetBytes(next));
        return next;
    }

    private long Current() => ReadMeta(OpeningId) is { Length: 8 } bytes ? BitConverter.ToInt64(bytes) : 0;

    private void RequireOpening()
    {
        if (Current() != Opening)
            throw new ClientException(ClientFailure.StoreTaken, "Another process has opened this profile since.");
    }

    private void Apply(FileRow change)
    {
        var statement = change.Value is null ? _delete : _save;
        Bind(statement, change.Key);
        if (change.Value is { } value)
        {
            raw.sqlite3_bind_int64(statement, 4, change.Generation);
            raw.sqlite3_bind_blob(statement, 5, value);
        }

        try
        {
            Step(statement);
        }
        finally
        {
            Reset(statement);
        }
    }

    private void InTransaction(Action body)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            body();
            Execute("COMMIT");
        }
        catch
        {
            if (raw.sqlite3_get_autocommit(_database) == 0)
                _ = raw.sqlite3_exec(_database, "ROLLBACK");
            throw;
        }
    }

    private List<FileRow> ReadRows(sqlite3_stmt statement, byte table, ReadOnlyMemory<byte> scope)
    {
        var rows = new List<FileRow>();
        try
        {
            while (Step(statement))
                rows.Add(new(new(table, scope, raw.sqlite3_column_blob(statement, 0).ToArray()), raw.sqlite3_column_int64(statement, 1), raw.sqlite3_column_blob(statement, 2).ToArray()));
            return rows;
        }
        finally
        {
            Reset(statement);
        }
    }

    private byte[]? ReadMeta(int id)
    {
        using var statement = Prepare("SELECT value FROM meta WHERE id = ?");
        raw.sqlite3_bind_int64(statement, 1, id);
        return Step(statement) ? raw.sqlite3_column_blob(statement, 0).ToArray() : null;
    }

    private void WriteMeta(int id, byte[] value)
    {
        using var statement = Prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)");
        raw.sqlite3_bind_int64(statement, 1, id);
        raw.sqlite3_bind_blob(statement, 2, value);
        Step(statement);
    }

    private long Number(string sql)
    {
        using var statement = Prepare(sql);
        return Step(statement) ? raw.sqlite3_column_int64(statement, 0) : 0;
    }

    private static void Bind(sqlite3_stmt statement, RowKey key)
    {
        raw.sqlite3_bind_int64(statement, 1, key.Table);
        raw.sqlite3_bind_blob(statement, 2, key.Scope.Span);
        raw.sqlite3_bind_blob(statement, 3, key.Name.Span);
    }

    private static void Reset(sqlite3_stmt statement)
    {
        raw.sqlite3_reset(statement);
        raw.sqlite3_clear_bindings(statement);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        var result = raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return result == raw.SQLITE_OK ? statement : throw Failed(result);
    }

    private bool Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        return result switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failed(result),
        };
    }

    private void Execute(string sql)
    {
        var result = raw.sqlite3_exec(_database, sql);
        if (result != raw.SQLITE_OK)
            throw Failed(result);
    }

    private ClientException Failed(int result) => SqliteFailures.Of(result, raw.sqlite3_errmsg(_database).utf8_to_string());

    private static FileStream TakeLock(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, options);
        }
        catch (IOException busy)
        {
            throw new ClientException(ClientFailure.StoreTaken, "Another process has this profile open.", busy);
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void CloseToOthers(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
