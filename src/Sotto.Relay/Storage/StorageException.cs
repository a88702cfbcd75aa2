namespace Sotto.Relay.Storage;

/// <summary>Why the disk or the database could not do what was asked.</summary>
public enum StorageFailure
{
    /// <summary>No room.</summary>
    Full,

    /// <summary>It cannot be written to.</summary>
    ReadOnly,

    /// <summary>The disk failed.</summary>
    Disk,

    /// <summary>What lies there is not a database, or a damaged one.</summary>
    Damaged,

    /// <summary>A newer version of this program wrote it.</summary>
    Newer,

    /// <summary>Another process holds it.</summary>
    InUse,

    /// <summary>Anything else that the engine refused.</summary>
    Failed,

    /// <summary>What was to be written breaks a rule of the tables: a fault of that one request, and none of the disk.</summary>
    Rule,
}

/// <summary>The storage failed. Nothing of the group that was being committed was kept.</summary>
public sealed class StorageException(StorageFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The reason.</summary>
    public StorageFailure Failure { get; } = failure;
}
