using Sotto.Relay.Blobs;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>All blobs that a database knows.</summary>
internal static class BlobRows
{
    public static List<BlobAddress> Read(string folder)
    {
        using var connection = SqliteMigrations.OpenForReading(Path.Combine(folder, MailboxSchema.FileName));
        using var read = connection.PrepareOnce("SELECT channel, blob FROM blobs");
        var rows = new List<BlobAddress>();
        read.Start();
        while (read.Next())
            rows.Add(new(read.Sixteen(0), read.Sixteen(1)));
        return rows;
    }
}
