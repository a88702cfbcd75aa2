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

    /// <summary>A file that was not there.</summary>
    /// <exception cref="IOException">It was.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new(path, options);
    }
}
