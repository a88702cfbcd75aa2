using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;

namespace Sotto.Relay.Operating;

/// <summary>Marks a folder for as long as a restore fills it: half of one must not be taken for a relay.</summary>
internal sealed class UnfinishedRestore : IDisposable
{
    private const string FileName = "restore.unfinished";

    private readonly string _folder;
    private readonly FolderLock _lock;

    private UnfinishedRestore(string folder, FolderLock held) => (_folder, _lock) = (folder, held);

    public static UnfinishedRestore Begin(string folder)
    {
        var held = FolderLock.Take(folder);
        PrivateFile.Write(Path.Combine(folder, FileName), []);
        return new(folder, held);
    }

    /// <summary>Refuses a folder in which a restore did not end.</summary>
    /// <exception cref="StorageException">It is one.</exception>
    public static void Refuse(string folder)
    {
        if (File.Exists(Path.Combine(folder, FileName)))
            throw new StorageException(StorageFailure.Damaged, $"A restore into {folder} did not end. Empty the folder and restore again.");
    }

    /// <summary>The folder is whole.</summary>
    public void End() => File.Delete(Path.Combine(_folder, FileName));

    public void Dispose() => _lock.Dispose();
}
