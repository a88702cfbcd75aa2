using System.Buffers.Binary;

namespace Sotto.Client.Storage;

/// <summary>A store that lasts as long as its object, for tests and for profiles that leave nothing behind.</summary>
public sealed class MemoryStore : IClientStore
{
    private readonly SharedRecords _shared;
    private readonly long _fence;

    /// <summary>An empty store.</summary>
    public MemoryStore()
        : this(new())
    {
    }

    private MemoryStore(SharedRecords shared) => (_shared, _fence) = (shared, ++shared.Fence);

    /// <summary>Opens the same records again, as a restarted program would; this store is fenced off.</summary>
    public MemoryStore Reopen() => new(_shared);

    /// <summary>A copy of everything, as a backup of the profile would be.</summary>
    public MemoryStore Copy()
    {
        var copy = new SharedRecords();
        foreach (var (key, value) in _shared.Records)
            copy.Records[key] = [.. value];
        return new(copy);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_shared.Records.TryGetValue(key, out var value) ? value : null);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<StoredRecord>>([.. In(table, scope)]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<StoredRecord>>([.. In(table, scope).Where(record => BinaryPrimitives.ReadUInt64BigEndian(record.Key.Name.Span) < before).TakeLast(most)]);

    /// <inheritdoc/>
    public ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (_shared.Fence != _fence)
            throw new ClientException(ClientFailure.StoreTaken, "Another process has opened this profile since.");
        foreach (var (key, value) in changes.Records)
        {
            if (value is null)
                _shared.Records.Remove(key);
            else
                _shared.Records[key] = [.. value];
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<StoredRecord> In(StoreTable table, ReadOnlyMemory<byte> scope) => _shared.Records
        .Where(record => record.Key.Table.Number == table.Number && record.Key.Scope.Span.SequenceEqual(scope.Span))
        .Select(record => new StoredRecord(record.Key, [.. record.Value]))
        .OrderBy(record => record.Key.Name, NameOrder.Instance);

    private sealed class SharedRecords
    {
        public Dictionary<RecordKey, byte[]> Records { get; } = [];

        public long Fence { get; set; }
    }

    private sealed class NameOrder : IComparer<ReadOnlyMemory<byte>>
    {
        public static NameOrder Instance { get; } = new();

        public int Compare(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceCompareTo(y.Span);
    }
}
