using SQLitePCL;

namespace Sotto.Client.Sqlite;

/// <summary>SQLite's result codes as typed failures.</summary>
internal static class SqliteFailures
{
    public static ClientException Of(int result, string message) => (result & 0xFF) switch
    {
        raw.SQLITE_FULL => new(ClientFailure.StoreFailed, "The disk is full. Nothing was changed."),
        raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => new(ClientFailure.StoreFailed, $"The disk failed: {message}. Nothing was changed."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new(ClientFailure.StoreTaken, "Another process has this profile open."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new(ClientFailure.StoreUnusable, "The profile's store is damaged."),
        _ => new(ClientFailure.StoreFailed, $"The store failed: {message}"),
    };
}
