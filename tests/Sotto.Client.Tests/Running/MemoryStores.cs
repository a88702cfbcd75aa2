using Sotto.Client.Storage;

namespace Sotto.Client.Tests.Running;

/// <summary>Stores in memory that behave badly.</summary>
internal static class MemoryStores
{
    /// <summary>The disk is full at one commit, which changes nothing.</summary>
    public sealed class FailingOnce(int at) : IClientStore
    {
        private readonly MemoryStore _inner = new();
        private int _count;

        public ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default) => _inner.FindAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default) =>
            _inner.ReadAsync(table, scope, cancellationToken);

        public ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default) =>
            _inner.ReadBeforeAsync(table, scope, before, most, cancellationToken);

        public ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default) =>
            _count++ == at ? throw new ClientException(ClientFailure.StoreFailed, "The disk is full. Nothing was changed.") : _inner.CommitAsync(changes, cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
