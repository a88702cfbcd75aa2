using Sotto.Client;
using Sotto.Client.Storage;

namespace Sotto.Simulation.Tests.Running;

/// <summary>The client was killed: whatever it does from then on fails and has no effect.</summary>
internal sealed class KilledException() : Exception("Killed here.");

/// <summary>A disk that is full at one commit, or at whose commit the client is killed, before or after it.</summary>
internal sealed class MortalStore(IClientStore inner, Life life) : IClientStore
{
    /// <summary>At which commit from now on the client dies; null for none.</summary>
    public int? DiesAt { get; set; }

    public bool DiesAfter { get; set; }

    /// <summary>At which commit from now on the disk is full.</summary>
    public int? FullAt { get; set; }

    public ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default)
    {
        life.RequireAlive();
        return inner.FindAsync(key, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default)
    {
        life.RequireAlive();
        return inner.ReadAsync(table, scope, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default)
    {
        life.RequireAlive();
        return inner.ReadBeforeAsync(table, scope, before, most, cancellationToken);
    }

    public async ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default)
    {
        // As on a disk, it takes a while: others run in between.
        await Task.Yield();
        life.RequireAlive();
        if (FullAt is { } full && (FullAt = full - 1) < 0)
        {
            FullAt = null;
            throw new ClientException(ClientFailure.StoreFailed, "The disk is full. Nothing was changed.");
        }

        var dies = DiesAt is { } left && (DiesAt = left - 1) < 0;
        if (dies && !DiesAfter)
            throw life.Kill();
        await inner.CommitAsync(changes, cancellationToken);
        if (dies)
            throw life.Kill();
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
