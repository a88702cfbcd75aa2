using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;

namespace Sotto.Relay.Operating;

/// <summary>Folders of relays and of backups, as files.</summary>
internal static class RelayFolders
{
    private const string Blobs = "blobs";

    /// <exception cref="SettingsException">There is no relay.</exception>
    public static void RequireRelay(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "relay.key")))
            throw new SettingsException($"There is no relay in {folder}. --data names another folder.");
    }

    /// <summary>Makes a folder, closed to other users, or takes an empty one.</summary>
    /// <exception cref="SettingsException">It holds something.</exception>
    public static void MakeEmpty(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new SettingsException($"{folder} is not empty. Nothing was changed.");
        FolderLock.MakeFolder(folder);
    }

    public static void Clear(string folder)
    {
        foreach (var inside in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (inside is DirectoryInfo directory)
                directory.Delete(recursive: true);
            else
                inside.Delete();
        }
    }

    /// <summary>Copies a file, closed to other users and durable.</summary>
    public static void CopyPrivate(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = PrivateFile.Create(to);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    /// <summary>Copies blobs as they are now: one may be going or growing, and both are as good as at any other moment.</summary>
    public static (int Count, long Bytes) CopyBlobs(string from, string to)
    {
        foreach (var blob in FilesIn(from))
        {
            var target = Path.Combine(to, Blobs, Path.GetRelativePath(Path.Combine(from, Blobs), blob.FullName));
            FolderLock.MakeFolder(Path.GetDirectoryName(target)!);
            try
            {
                CopyPrivate(blob.FullName, target);
            }
            catch (FileNotFoundException)
            {
                // It expired since the folder was listed.
            }
        }

        return CountBlobs(to);
    }

    public static (int Count, long Bytes) CountBlobs(string folder)
    {
        var sizes = FilesIn(folder).Select(file => file.Length).ToList();
        return (sizes.Count, sizes.Sum());
    }

    private static IEnumerable<FileInfo> FilesIn(string folder)
    {
        var blobs = new DirectoryInfo(Path.Combine(folder, Blobs));
        return blobs.Exists ? blobs.EnumerateFiles("*", SearchOption.AllDirectories) : [];
    }
}
