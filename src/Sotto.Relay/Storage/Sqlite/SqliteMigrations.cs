using System.Globalization;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>
/// What a plane's file looks like, version by version. The first step makes the file; each later one is applied to a file
/// of the version before, after a copy of it was made beside it.
/// </summary>
/// <param name="ApplicationId">Written into the file, so that the planes cannot be mixed up.</param>
/// <param name="Steps">SQL for each version, from 1.</param>
internal sealed record SqliteMigrations(int ApplicationId, IReadOnlyList<string> Steps)
{
    /// <summary>Opens the file for its writer, made or brought to this version.</summary>
    /// <param name="path">The file.</param>
    /// <param name="flushes">Whether a commit waits for the disk.</param>
    /// <exception cref="StorageException">It is another file, damaged or from a newer version, and was not changed.</exception>
    public SqliteConnection OpenForWriting(string path, bool flushes = true)
    {
        PrivateFile.EnsureExists(path);
        var connection = SqliteConnection.Open(path);
        try
        {
            var version = VersionOf(connection);
            CopyBefore(connection, version, path);
            connection.Execute($"PRAGMA journal_mode=WAL; PRAGMA synchronous={(flushes ? "FULL" : "OFF")}; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536");
            for (; version < Steps.Count; version++)
                Apply(connection, (int)version);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file for reading beside the writer.</summary>
    public static SqliteConnection OpenForReading(string path)
    {
        var connection = SqliteConnection.Open(path, readOnly: true);
        connection.Execute("PRAGMA cache_size=-16384");
        return connection;
    }

    /// <summary>Copies the file as of one moment, while others may write it, without what was deleted in it.</summary>
    /// <exception cref="StorageException">It is another file, damaged or from a newer version, or the copy cannot be written.</exception>
    public void Copy(string path, string copy)
    {
        using (var connection = SqliteConnection.Open(path))
        {
            _ = VersionOf(connection);
            PrivateFile.Create(copy).Dispose();
            CopyTo(connection, copy);
        }

        // The engine takes an empty file and leaves making it durable to its caller.
        using (var written = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite))
            written.Flush(flushToDisk: true);
        using var opened = SqliteConnection.Open(copy);
        opened.RequireIntact();
    }

    private static void CopyTo(SqliteConnection connection, string copy) =>
        connection.Execute($"VACUUM INTO '{copy.Replace("'", "''", StringComparison.Ordinal)}'");

    private long VersionOf(SqliteConnection connection)
    {
        var application = connection.Scalar("PRAGMA application_id");
        var version = connection.Scalar("PRAGMA user_version");
        var empty = connection.Scalar("SELECT count(*) FROM sqlite_schema") == 0;
        if (empty && application == 0 && version == 0)
            return 0;
        if (application != ApplicationId)
            throw new StorageException(StorageFailure.Damaged, "The file is not the database that belongs here. It was not changed.");
        return version <= Steps.Count
            ? version
            : throw new StorageException(StorageFailure.Newer, "A newer version of sotto wrote this database. It was not changed; use that version.");
    }

    private void CopyBefore(SqliteConnection connection, long version, string path)
    {
        if (version == 0 || version == Steps.Count)
            return;
        var copy = string.Create(CultureInfo.InvariantCulture, $"{path}.v{version}");
        if (File.Exists(copy))
            return;
        var unfinished = copy + ".new";
        File.Delete(unfinished);
        PrivateFile.EnsureExists(unfinished);
        CopyTo(connection, unfinished);
        File.Move(unfinished, copy);
    }

    private void Apply(SqliteConnection connection, int version) => connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
        BEGIN IMMEDIATE;
        {Steps[version]}
        PRAGMA application_id={ApplicationId};
        PRAGMA user_version={version + 1};
        COMMIT;
        """));
}
