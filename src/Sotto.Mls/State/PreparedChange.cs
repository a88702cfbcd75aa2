using Sotto.Mls.Groups;

namespace Sotto.Mls.State;

/// <summary>
/// An operation that was computed and has not happened yet: the group is unchanged. Store <see cref="Change"/>, then
/// <see cref="Merge"/>. Disposing it without merging leaves the group as it was; disposing it always wipes its values.
/// </summary>
public abstract class PreparedChange : IDisposable
{
    private readonly MlsGroup _group;
    private readonly long _version;
    private readonly Action _apply;
    private readonly Action _drop;
    private bool _ended;

    private protected PreparedChange(MlsGroup group, StateChange change, Action apply, Action drop)
    {
        _group = group;
        _version = group.Version;
        _apply = apply;
        _drop = drop;
        Change = change;
    }

    /// <summary>What must be stored before the operation is merged.</summary>
    public StateChange Change { get; }

    /// <summary>Whether the operation was merged.</summary>
    public bool IsMerged { get; private set; }

    /// <summary>Lets the operation happen in memory, after its change is stored.</summary>
    /// <exception cref="InvalidOperationException">It was merged or disposed, or the group changed since it was prepared.</exception>
    /// <exception cref="ObjectDisposedException">The group was disposed; what was stored is there when it is loaded.</exception>
    public void Merge()
    {
        if (_ended)
            throw new InvalidOperationException("The operation was merged or disposed.");
        ObjectDisposedException.ThrowIf(_group.IsDisposed, _group);
        if (_group.Version != _version)
            throw new InvalidOperationException("The group changed since the operation was prepared.");
        _ended = true;
        IsMerged = true;
        _group.Version++;
        _apply();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            _drop();
        }

        Change.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected T AfterMerge<T>(T value) => IsMerged
        ? value
        : throw new InvalidOperationException("Store the change and merge before anything is sent.");
}
