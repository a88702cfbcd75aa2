using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Files;

/// <summary>A file that is offered or on its way. Pieces are read straight into the message that carries them.</summary>
internal sealed class OutgoingFile : IDisposable
{
    private const int PieceHeader = 4 + 8;

    private readonly FileStream _stream;

    public OutgoingFile(int number, string path)
    {
        // A pipe would block the open, and devices have no length: both say 0 here.
        if (Directory.Exists(path))
            throw new IOException("it is a folder");
        if (new FileInfo(path).Length == 0)
            throw new IOException("it is empty, or not an ordinary file");
        _stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0 });
        (Number, Name, Size) = (number, Path.GetFileName(path), _stream.Length);
    }

    public int Number { get; }

    public string Name { get; }

    public long Size { get; }

    public long Offset { get; private set; }

    /// <summary>The receiver said from where to go on, on this connection.</summary>
    public bool Sending { get; private set; }

    /// <summary>The receiver has accepted it at some time.</summary>
    public bool Accepted { get; private set; }

    public void Accept(long offset) => (Offset, Sending, Accepted) = (offset, offset < Size, true);

    public void Pause() => Sending = false;

    /// <summary>Seals the next piece.</summary>
    /// <returns>False when the file is shorter than it was when it was offered.</returns>
    public bool TrySealPiece(Link link)
    {
        var writer = new WireWriter(link.Body);
        writer.UInt32((uint)Number);
        writer.UInt64((ulong)Offset);
        var wanted = (int)Math.Min(Message.MaxBody - PieceHeader, Size - Offset);
        var read = ReadFully(writer.Take(wanted));
        if (read < wanted)
            return false;
        Offset += read;
        Sending = Offset < Size;
        link.Seal(MessageType.FileChunk, writer.Length);
        return true;
    }

    public void Dispose() => _stream.Dispose();

    private int ReadFully(Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var count = RandomAccess.Read(_stream.SafeFileHandle, destination[total..], Offset + total);
            if (count == 0)
                break;
            total += count;
        }

        return total;
    }
}
