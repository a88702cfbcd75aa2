using Sotto.Crypto;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>What makes a copied mailbox database that of a restored relay.</summary>
internal static class MailboxRestore
{
    /// <summary>Checks the file and gives it a new incarnation, with a time until which channels of an earlier one ask for receipts.</summary>
    /// <exception cref="StorageException">The file is damaged or not the mailbox database.</exception>
    public static void BeginIncarnation(string path, ICryptoProvider crypto, DateTimeOffset until)
    {
        using var connection = MailboxSchema.Migrations.OpenForWriting(path);
        connection.RequireIntact();
        Span<byte> incarnation = stackalloc byte[8];
        crypto.FillRandom(incarnation);
        using var update = connection.PrepareOnce("UPDATE relay SET incarnation = ?, restored_until = ? WHERE id = 1");
        update.Start().With(incarnation).With(until.ToUnixTimeSeconds()).Run();
        if (connection.Changes != 1)
            throw new StorageException(StorageFailure.Damaged, "The mailbox database names no incarnation.");
    }
}
