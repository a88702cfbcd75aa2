namespace Sotto.Relay.Storage;

/// <summary>Whether the last group of a database could be committed. Any thread reads it, its writer sets it.</summary>
public sealed class StorageHealth
{
    private volatile StorageException? _last;

    /// <summary>What stands in the way of storing, null when nothing does.</summary>
    public StorageException? Trouble => _last;

    internal void Set(StorageException? trouble) => _last = trouble;
}
