namespace Sotto.Direct.Files;

/// <summary>
/// A file that the peer offers. Nothing is created before <see cref="Open"/>; until it is whole it lies under a name that
/// ends in <c>.part</c>, and it never replaces a file that is there.
/// </summary>
internal sealed class IncomingFile(int number, string name, long size) : IDisposable
{
    private FileStream? _stream;
    private string _folder = "";

    public int Number { get; } = number;

    /// <summary>A safe name, made from the peer's.</summary>
    public string Name { get; } = SafeFileName.From(name);

    public long Size { get; } = size;

    public long Offset { get; private set; }

    public bool Accepted => _stream is not null;

    public bool IsWhole => Offset == Size;

    public void Open(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _stream = SafeFileName.Unique(_folder, Name + ".part");
    }

    /// <summary>Adds the next piece.</summary>
    /// <exception cref="DirectException">It is not the next piece, or longer than what is missing.</exception>
    public void Add(long offset, ReadOnlySpan<byte> piece)
    {
        if (_stream is null || offset != Offset || piece.IsEmpty || piece.Length > Size - Offset)
            throw DirectException.Malformed("a piece of a file");
        RandomAccess.Write(_stream.SafeFileHandle, piece, offset);
        Offset += piece.Length;
    }

    /// <summary>Gives the whole file its name and says where it lies.</summary>
    public string Finish()
    {
        var part = _stream!.Name;
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        using (var place = SafeFileName.Unique(_folder, Name))
        {
            File.Move(part, place.Name, overwrite: true);
            return place.Name;
        }
    }

    /// <summary>Gives up: what has arrived is deleted.</summary>
    public void Discard()
    {
        if (_stream is null)
            return;
        _stream.Dispose();
        File.Delete(_stream.Name);
    }

    public void Dispose() => _stream?.Dispose();
}
