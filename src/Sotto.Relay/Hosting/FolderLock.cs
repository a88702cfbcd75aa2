using Sotto.Relay.Storage;

namespace Sotto.Relay.Hosting;

/// <summary>One relay for one folder: memory knows things about the files that a second process would not.</summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>EROFS, which .NET does not tell apart from a file that is in use.</summary>
    private const int ReadOnlyFileSystem = 30;

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Makes the folder, closed to other users where the platform has such modes.</summary>
    public static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Takes the folder for this process.</summary>
    /// <exception cref="StorageException">Another process has it, or it cannot be written to.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            var held = new FolderLock(PrivateFile.Open(Path.Combine(folder, "relay.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            PrivateFile.CloseAll(folder);
            return held;
        }
        catch (IOException e) when (!OperatingSystem.IsWindows() && e.HResult == ReadOnlyFileSystem)
        {
            throw new StorageException(StorageFailure.ReadOnly, $"{folder} cannot be written to.", e);
        }
        catch (IOException e)
        {
            throw new StorageException(StorageFailure.InUse, $"Another relay uses {folder}.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException(StorageFailure.ReadOnly, $"{folder} cannot be written to.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
