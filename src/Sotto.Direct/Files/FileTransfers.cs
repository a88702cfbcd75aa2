using System.Text;
using Sotto.Direct.Conversations;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Files;

/// <summary>
/// The files of a conversation, both ways. Pieces carry offsets, so a transfer goes on after a cut from what is on the
/// receiver's disk. Thread-safe; the sending loop seals pieces, the receiving loop handles messages, the person decides.
/// </summary>
internal sealed class FileTransfers(Conversation conversation) : IDisposable
{
    /// <summary>The most offers that either side may have open.</summary>
    public const int MaxOpen = 16;

    private const int MaxNameLength = 1024;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, OutgoingFile> _outgoing = [];
    private readonly SortedDictionary<int, IncomingFile> _incoming = [];
    private ConversationSender? _sender;
    private int _lastNumber;

    /// <summary>A file is moving, or waits for an answer here or there.</summary>
    public bool Active
    {
        get
        {
            lock (_gate)
                return _outgoing.Count > 0 || _incoming.Values.Any(file => file.Accepted);
        }
    }

    /// <summary>A new connection: offers are repeated, and the receiver says from where to go on.</summary>
    public void Reattach(ConversationSender sender)
    {
        lock (_gate)
        {
            _sender = sender;
            foreach (var file in _outgoing.Values)
            {
                file.Pause();
                SendOffer(file);
            }

            foreach (var file in _incoming.Values.Where(file => file.Accepted))
                SendPosition(MessageType.FileAccept, file.Number, file.Offset);
        }
    }

    /// <summary>Offers a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int Offer(string path)
    {
        lock (_gate)
        {
            if (_outgoing.Count >= MaxOpen)
                throw new IOException($"At most {MaxOpen} files can be on their way at once.");
            var file = new OutgoingFile(_lastNumber + 1, path);
            _outgoing.Add(++_lastNumber, file);
            SendOffer(file);
            return file.Number;
        }
    }

    /// <summary>Takes an offered file into a folder, which is made if it is missing.</summary>
    /// <returns>False when there is no such offer.</returns>
    public bool TryAccept(int number, string folder)
    {
        lock (_gate)
        {
            if (!_incoming.TryGetValue(number, out var file) || file.Accepted)
                return false;
            file.Open(folder);
            SendPosition(MessageType.FileAccept, number, 0);
            if (file.IsWhole)
                Finish(file);
            return true;
        }
    }

    public bool TryDecline(int number)
    {
        lock (_gate)
        {
            if (!_incoming.TryGetValue(number, out var file) || file.Accepted)
                return false;
            Remove(file);
            SendNumber(MessageType.FileDecline, number);
            return true;
        }
    }

    /// <summary>Stops everything on this side, for instance because the conversation ends.</summary>
    public void CancelAll(string reason)
    {
        lock (_gate)
        {
            foreach (var file in _outgoing.Values.ToArray())
            {
                SendNumber(MessageType.FileCancel, file.Number);
                Stop(file, reason);
            }

            foreach (var file in _incoming.Values.ToArray())
            {
                SendNumber(file.Accepted ? MessageType.FileCancel : MessageType.FileDecline, file.Number);
                Stop(file, reason);
            }
        }
    }

    /// <summary>One piece of one file, when a file may move.</summary>
    public void SealNextPiece(Link link)
    {
        lock (_gate)
        {
            if (_outgoing.Values.FirstOrDefault(file => file.Sending) is not { } file)
                return;
            var before = file.Offset;
            try
            {
                if (file.TrySealPiece(link))
                {
                    Progress(file.Number, file.Name, before, file.Offset, file.Size, incoming: false);
                    return;
                }

                SendNumber(MessageType.FileCancel, file.Number);
                Stop(file, "it became shorter while it was sent");
            }
            catch (IOException failure)
            {
                SendNumber(MessageType.FileCancel, file.Number);
                Stop(file, failure.Message);
            }
        }
    }

    public DirectEvent? Handle(Message message, ConversationSender sender)
    {
        lock (_gate)
        {
            var reader = new WireReader(message.Body);
            var number = (int)reader.UInt32();
            switch (message.Type)
            {
                case MessageType.FileOffer:
                    return Offered(number, (long)reader.UInt64(), reader.Rest(), sender);
                case MessageType.FileAccept:
                    Accepted(number, (long)reader.UInt64());
                    return null;
                case MessageType.FileChunk:
                    Chunk(number, (long)reader.UInt64(), reader.Rest(), sender);
                    return null;
                case MessageType.FileReceived when _outgoing.TryGetValue(number, out var sent):
                    _outgoing.Remove(number);
                    sent.Dispose();
                    conversation.Wake.Set();
                    return new FileFinished(number, sent.Name, null);
                case MessageType.FileDecline when _outgoing.TryGetValue(number, out var declined):
                    Stop(declined, "the other side does not want it");
                    return null;
                case MessageType.FileCancel:
                    Cancelled(number);
                    return null;
                default:
                    return null;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var file in _outgoing.Values)
                file.Dispose();
            foreach (var file in _incoming.Values)
                file.Discard();
            _outgoing.Clear();
            _incoming.Clear();
        }
    }

    private FileOffered? Offered(int number, long size, ReadOnlySpan<byte> name, ConversationSender sender)
    {
        if (number <= 0 || size < 0 || name.IsEmpty || name.Length > MaxNameLength)
            throw DirectException.Malformed("an offer of a file");
        if (_incoming.ContainsKey(number))
            return null;
        if (_incoming.Count >= MaxOpen)
        {
            sender.Queue(MessageType.FileDecline, [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
            return null;
        }

        var file = new IncomingFile(number, Encoding.UTF8.GetString(name), size);
        _incoming.Add(number, file);
        return new(conversation.Peer!, number, file.Name, size);
    }

    private void Accepted(int number, long offset)
    {
        if (!_outgoing.TryGetValue(number, out var file))
            return;
        if (offset < 0 || offset > file.Size)
            throw DirectException.Malformed("a place in a file");
        file.Accept(offset);
        conversation.Wake.Set();
    }

    private void Chunk(int number, long offset, ReadOnlySpan<byte> piece, ConversationSender sender)
    {
        if (!_incoming.TryGetValue(number, out var file))
            return;
        try
        {
            var before = file.Offset;
            file.Add(offset, piece);
            Progress(number, file.Name, before, file.Offset, file.Size, incoming: true);
            if (file.IsWhole)
                Finish(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            SendNumber(MessageType.FileCancel, number);
            Stop(file, failure.Message);
        }
    }

    private void Finish(IncomingFile file)
    {
        var path = file.Finish();
        _incoming.Remove(file.Number);
        SendNumber(MessageType.FileReceived, file.Number);
        conversation.Publish(new FileFinished(file.Number, file.Name, path));
    }

    private void Cancelled(int number)
    {
        if (_outgoing.TryGetValue(number, out var sent))
            Stop(sent, "the other side stopped it");
        else if (_incoming.TryGetValue(number, out var received))
            Stop(received, "the other side stopped it");
    }

    private void Stop(OutgoingFile file, string reason)
    {
        _outgoing.Remove(file.Number);
        file.Dispose();
        conversation.Publish(new FileStopped(file.Number, file.Name, reason));
        conversation.Wake.Set();
    }

    private void Stop(IncomingFile file, string reason)
    {
        Remove(file);
        conversation.Publish(new FileStopped(file.Number, file.Name, reason));
        conversation.Wake.Set();
    }

    private void Remove(IncomingFile file)
    {
        _incoming.Remove(file.Number);
        file.Discard();
        file.Dispose();
    }

    private void Progress(int number, string name, long before, long now, long size, bool incoming)
    {
        if (before * 100 / size != now * 100 / size)
            conversation.Publish(new FileProgress(number, name, now, size, incoming));
    }

    private void SendOffer(OutgoingFile file)
    {
        var name = Encoding.UTF8.GetBytes(file.Name);
        var writer = new WireWriter(new byte[12 + name.Length]);
        writer.UInt32((uint)file.Number);
        writer.UInt64((ulong)file.Size);
        writer.Bytes(name);
        _sender?.Queue(MessageType.FileOffer, writer.Written);
    }

    private void SendPosition(MessageType type, int number, long offset)
    {
        var writer = new WireWriter(stackalloc byte[12]);
        writer.UInt32((uint)number);
        writer.UInt64((ulong)offset);
        _sender?.Queue(type, writer.Written);
    }

    private void SendNumber(MessageType type, int number)
    {
        var writer = new WireWriter(stackalloc byte[4]);
        writer.UInt32((uint)number);
        _sender?.Queue(type, writer.Written);
    }
}
