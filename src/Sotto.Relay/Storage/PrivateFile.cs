namespace Sotto.Relay.Storage;

/// <summary>Small files that are replaced as a whole and closed to other users where the platform has such modes.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts bytes in a file's place. After a crash either the old or the new ones are there.</summary>
    /// <exception cref="StorageException">The disk refused; the old file is unchanged.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        try
        {
            File.Delete(temporary);
            using (var stream = Create(temporary))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException e)
        {
            throw new StorageException(StorageFailure.Disk, $"{path} cannot be written: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException(StorageFailure.ReadOnly, $"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Makes a file that is not there, for an engine that would make it open to others and says itself what is wrong when it cannot.</summary>
    public static void EnsureExists(string path)
    {
        try
        {
            Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The engine finds the same and has a name for it.
        }
    }

    /// <summary>Closes the files of a folder to other users: an earlier version, or a copy, may have left them open.</summary>
    public static void CloseAll(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(file => (file.UnixFileMode & ~OwnerOnly) != 0))
            Close(file);
    }

    private static void Close(FileInfo file)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
                file.UnixFileMode &= OwnerOnly;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Somebody else's file, which is theirs to close, or one that is gone.
        }
    }

    /// <summary>A file that was not there.</summary>
    /// <exception cref="IOException">It was.</exception>
    public static FileStream Create(string path) => Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);

    /// <summary>Opens a file, closed to other users if it is made.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, FileOptions how = FileOptions.None, int buffer = 4096)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, Options = how, BufferSize = buffer };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new(path, options);
    }
}
