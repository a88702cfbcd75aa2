namespace Sotto.Client.Storage;

/// <summary>
/// Where a profile's records lie. Opening one takes its lease; a store whose lease was taken over refuses every further
/// commit. Used by one task at a time.
/// </summary>
public interface IClientStore : IAsyncDisposable
{
    /// <summary>One record, or null.</summary>
    ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default);

    /// <summary>All records of a table and scope; of an ordered table in their order.</summary>
    ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default);

    /// <summary>The last records of an ordered table and scope before a number, in their order.</summary>
    ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default);

    /// <summary>Makes all changes durable, or none of them.</summary>
    /// <exception cref="ClientException">The lease was lost, or the disk failed; nothing was changed.</exception>
    ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default);
}
