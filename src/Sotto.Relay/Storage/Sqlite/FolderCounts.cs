using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>How much lies in a relay's databases: numbers only, read beside a relay that runs or does not.</summary>
/// <param name="Accounts">Accounts.</param>
/// <param name="Devices">Listed devices.</param>
/// <param name="KeyPackages">Key packages that nobody claimed.</param>
/// <param name="Channels">Channels of conversations and for first contact.</param>
/// <param name="Mailboxes">Mailboxes.</param>
/// <param name="Entries">Entries that somebody still needs.</param>
/// <param name="Blobs">Blobs.</param>
/// <param name="Reusable">Bytes inside both files that are free to be written again.</param>
/// <param name="RestoredUntil">Unix seconds until which channels of before a restore ask for receipts; 0 when none was restored.</param>
public sealed record FolderCounts(
    long Accounts, long Devices, long KeyPackages, long Channels, long Mailboxes, long Entries, long Blobs, long Reusable, long RestoredUntil)
{
    /// <summary>Counts.</summary>
    /// <exception cref="StorageException">A file cannot be read.</exception>
    public static FolderCounts Read(string folder)
    {
        using var accounts = SqliteMigrations.OpenForReading(Path.Combine(folder, AccountSchema.FileName));
        using var mailboxes = SqliteMigrations.OpenForReading(Path.Combine(folder, MailboxSchema.FileName));
        return new(
            Count(accounts, "accounts"), Count(accounts, "devices"), Count(accounts, "key_packages"), Count(mailboxes, "channels"),
            Count(mailboxes, "mailboxes"), Count(mailboxes, "entries") + Count(mailboxes, "log"), Count(mailboxes, "blobs"), Free(accounts) + Free(mailboxes),
            mailboxes.Scalar("SELECT restored_until FROM relay"));
    }

    private static long Count(SqliteConnection connection, string table) => connection.Scalar($"SELECT count(*) FROM {table}");

    private static long Free(SqliteConnection connection) => connection.Scalar("PRAGMA freelist_count") * connection.Scalar("PRAGMA page_size");
}
