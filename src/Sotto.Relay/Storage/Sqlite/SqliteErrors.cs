using SQLitePCL;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>What the engine's result codes mean to a relay.</summary>
internal static class SqliteErrors
{
    public static StorageException Of(int result, string message) => new(FailureOf(result), $"{message} (SQLite {result})");

    private static StorageFailure FailureOf(int result) => (result & 0xff) switch
    {
        raw.SQLITE_FULL => StorageFailure.Full,
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => StorageFailure.ReadOnly,
        // A full disk shows as a failed write where the file system allots blocks late.
        raw.SQLITE_IOERR => StorageFailure.Disk,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StorageFailure.Damaged,
        raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG or raw.SQLITE_RANGE => StorageFailure.Rule,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StorageFailure.InUse,
        _ => StorageFailure.Failed,
    };
}
