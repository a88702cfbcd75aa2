using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;

namespace Sotto.Relay.Blobs;

/// <summary>The bytes of blobs, one file each. A name is a hash of the blob's place, so a path says nothing that a request chose.</summary>
public sealed class BlobFolder
{
    private const int NoSpace = 28;
    private const int WindowsDiskFull = 0x70;

    private readonly string _folder;

    private BlobFolder(string folder) => _folder = folder;

    /// <summary>Opens the folder inside the relay's, or makes it.</summary>
    public static BlobFolder Open(string relayFolder)
    {
        var folder = Path.Combine(relayFolder, "blobs");
        FolderLock.MakeFolder(folder);
        return new(folder);
    }

    /// <summary>Whether a disk without room is the reason: ENOSPC on Unix, ERROR_DISK_FULL on Windows.</summary>
    internal static bool IsFull(IOException failure) =>
        OperatingSystem.IsWindows() ? (failure.HResult & 0xffff) == WindowsDiskFull : failure.HResult == NoSpace;

    /// <summary>How many bytes have arrived.</summary>
    public long LengthOf(BlobAddress address) => new FileInfo(PathOf(address)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Opens a blob for more bytes at its end. One writer at a time.</summary>
    /// <exception cref="IOException">Somebody else writes it at the moment.</exception>
    public FileStream OpenForWriting(BlobAddress address)
    {
        var path = PathOf(address);
        FolderLock.MakeFolder(Path.GetDirectoryName(path)!);
        var stream = PrivateFile.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous, buffer: 0);
        stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    /// <summary>Opens a whole blob.</summary>
    public FileStream OpenForReading(BlobAddress address) =>
        new(PathOf(address), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);

    /// <summary>Deletes a blob's bytes, if there are any.</summary>
    public void Delete(BlobAddress address) => File.Delete(PathOf(address));

    /// <summary>The names of all files.</summary>
    public IReadOnlyList<string> Names() => [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))];

    /// <summary>Deletes a file by its name.</summary>
    public void Delete(string name) => File.Delete(PathOf(name));

    /// <summary>The name of a blob's file.</summary>
    public static string NameOf(BlobAddress address)
    {
        Span<byte> place = stackalloc byte[2 * Bytes16.Length];
        address.Channel.CopyTo(place);
        address.Blob.CopyTo(place[Bytes16.Length..]);
        return Convert.ToHexStringLower(Bytes32.HashOf(place).ToArray());
    }

    private string PathOf(BlobAddress address) => PathOf(NameOf(address));

    private string PathOf(string name) => Path.Combine(_folder, name[..2], name);
}
