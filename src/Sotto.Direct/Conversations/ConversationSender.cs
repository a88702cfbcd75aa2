using System.Collections.Concurrent;
using Sotto.Crypto;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Conversations;

/// <summary>
/// Decides what leaves next on one connection, in this order: answers of the protocol, confirmations, lines, one piece of a
/// file, goodbye. Only the sending loop calls <see cref="SealPending"/>; anybody may queue and wake.
/// </summary>
internal sealed class ConversationSender(Conversation conversation, Link link)
{
    /// <summary>A batch is flushed when it is this long, so that a line never waits behind much.</summary>
    private const int BatchLength = 128 * 1024;

    private readonly ConcurrentQueue<Queued> _queue = new();
    private long _confirmed;
    private bool _endSent;

    /// <summary>The goodbye of this side is on the wire.</summary>
    public bool ByeSent { get; private set; }

    /// <summary>Set when the peer waits for confirmations: it is done, or leaving.</summary>
    public bool ConfirmAtOnce { get; set; }

    /// <summary>The timer of confirmations has run out.</summary>
    public bool ConfirmationDue { get; set; }

    /// <summary>Lines shown and not confirmed yet.</summary>
    public long Unconfirmed => conversation.Shown - _confirmed;

    /// <summary>On attaching: what the peer already knows as confirmed.</summary>
    public void StartFrom(long confirmed) => _confirmed = confirmed;

    public void Queue(MessageType type, ReadOnlySpan<byte> body = default)
    {
        _queue.Enqueue(new(type, body.ToArray(), null));
        conversation.Wake.Set();
    }

    /// <summary>The last message under the old keys; everything after it goes under the new root, which this takes over.</summary>
    public void QueueThenSwitch(MessageType type, ReadOnlySpan<byte> body, Secret root)
    {
        _queue.Enqueue(new(type, body.ToArray(), root));
        conversation.Wake.Set();
    }

    /// <summary>Seals what is to be sent now.</summary>
    /// <returns>False when there is nothing to flush.</returns>
    public bool SealPending()
    {
        SealQueued();
        SealConfirmation();
        // Read before the lines are: whatever was added until then is sealed before the end is announced.
        var done = conversation.LocalDone;
        SealLines();
        SealEnd(done);
        if (link.Pending < BatchLength)
            conversation.Files.SealNextPiece(link);
        SealGoodbye();
        return link.Pending > 0;
    }

    public void DropQueue()
    {
        while (_queue.TryDequeue(out var queued))
            queued.Root?.Dispose();
    }

    private void SealQueued()
    {
        while (link.Pending < BatchLength && _queue.TryDequeue(out var queued))
        {
            link.Seal(queued.Type, queued.Body);
            if (queued.Root is not { } root)
                continue;
            using (root)
                link.SwitchSending(root);
            var resume = ResumeMessage.Of(conversation, hasConversation: true);
            _confirmed = resume.Shown;
            resume.Seal(link);
        }
    }

    private void SealConfirmation()
    {
        const int enough = 64;
        var shown = conversation.Shown;
        var due = shown - _confirmed >= enough || ((ConfirmationDue || ConfirmAtOnce) && shown > _confirmed);
        if (!due)
            return;
        ConfirmationDue = false;
        _confirmed = shown;
        var writer = new WireWriter(link.Body);
        writer.UInt64((ulong)shown);
        link.Seal(MessageType.Ack, writer.Length);
    }

    private void SealLines()
    {
        while (link.Pending < BatchLength && conversation.Outbox.TryNext(out var line))
        {
            var writer = new WireWriter(link.Body);
            writer.UInt64((ulong)line.Number);
            writer.Byte((byte)line.Shape);
            writer.Bytes(line.Text.Span);
            link.Seal(MessageType.Line, writer.Length);
            _endSent = false;
        }
    }

    private void SealEnd(bool done)
    {
        if (_endSent || !done || link.Pending >= BatchLength)
            return;
        _endSent = true;
        var writer = new WireWriter(link.Body);
        writer.UInt64((ulong)conversation.Outbox.LastNumber);
        link.Seal(MessageType.End, writer.Length);
    }

    private void SealGoodbye()
    {
        if (ByeSent || !conversation.WantsToEnd || !conversation.IsSettled || Unconfirmed > 0)
            return;
        ByeSent = true;
        link.Seal(MessageType.Bye, bodyLength: 0);
    }

    private readonly record struct Queued(MessageType Type, byte[] Body, Secret? Root);
}
