namespace Sotto.Client.Storage;

/// <summary>Names a row. Scope and name are hashes, or where the order may be seen a number.</summary>
/// <param name="Table">The record's kind.</param>
/// <param name="Scope">16 bytes.</param>
/// <param name="Name">16 bytes, or 8 of an ordered table.</param>
public readonly record struct RowKey(byte Table, ReadOnlyMemory<byte> Scope, ReadOnlyMemory<byte> Name);

/// <summary>A row as it lies in the file: nothing in it can be read without the store's key.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Generation">The opening of the store that wrote it.</param>
/// <param name="Value">Sealed; null in a change that deletes the row.</param>
public sealed record FileRow(RowKey Key, long Generation, byte[]? Value);

/// <summary>
/// The file under a <see cref="SealedStore"/>: rows that are changed all or not at all, one header, and a number that grows with
/// each opening. Opened by one process at a time. Failures are <see cref="ClientException"/>.
/// </summary>
public interface IRecordFile : IAsyncDisposable
{
    /// <summary>The number of this opening, which fences earlier ones off.</summary>
    long Opening { get; }

    /// <summary>The header, or null in a new file.</summary>
    ValueTask<byte[]?> ReadHeaderAsync(CancellationToken cancellationToken);

    /// <summary>Writes the header, durably.</summary>
    ValueTask WriteHeaderAsync(byte[] header, CancellationToken cancellationToken);

    /// <summary>One row, or null.</summary>
    ValueTask<FileRow?> FindAsync(RowKey key, CancellationToken cancellationToken);

    /// <summary>All rows of a table and scope by name; with a limit the last ones before a name.</summary>
    ValueTask<IReadOnlyList<FileRow>> ReadAsync(byte table, ReadOnlyMemory<byte> scope, ReadOnlyMemory<byte>? before, int most, CancellationToken cancellationToken);

    /// <summary>Makes all changes durable, or none.</summary>
    ValueTask CommitAsync(IReadOnlyList<FileRow> changes, CancellationToken cancellationToken);
}
