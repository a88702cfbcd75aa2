using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>One open mailbox on one connection. The position belongs to the connection's sender, the rest to anybody.</summary>
internal sealed class Subscription(StreamSender sender, uint id, ChannelKey channel, Bytes16 mailbox, ulong position)
{
    private long _mayReadThrough = long.MaxValue;
    private int _ended;

    /// <summary>The client's name for it.</summary>
    public uint Id { get; } = id;

    public ChannelKey Channel { get; } = channel;

    public Bytes16 Mailbox { get; } = mailbox;

    /// <summary>The last sequence that was pushed.</summary>
    public ulong Position { get; set; } = position;

    /// <summary>The last sequence that it may read, once it was dropped.</summary>
    public ulong MayReadThrough => (ulong)Volatile.Read(ref _mayReadThrough);

    /// <summary>Whether it is in the sender's list of those to look at.</summary>
    public bool IsListed { get; set; }

    public bool IsEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Whether another connection reads the mailbox now, so that this one may not say how far it is.</summary>
    public bool WasReplaced { get; private set; }

    /// <summary>Something may have been appended.</summary>
    public void Wake() => sender.Wake(this);

    /// <summary>It may read up to a sequence and no further.</summary>
    public void DropAt(ulong sequence)
    {
        Volatile.Write(ref _mayReadThrough, (long)sequence);
        Wake();
    }

    /// <summary>Passes on an ephemeral post, or drops it when the connection is slow.</summary>
    public void Pass(EphemeralPush push)
    {
        if (!IsEnded)
            sender.TryPass(new() { EphemeralPush = new() { Subscription = Id, EpochTag = push.EpochTag, Payload = push.Payload } });
    }

    /// <summary>Ends it once; the client is told why, unless it asked for it.</summary>
    public bool TryEnd(EndReason? reason, ulong firstSequence = 0)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return false;
        WasReplaced = reason == EndReason.Replaced;
        if (reason is { } given)
            sender.Send(new() { SubscriptionEnded = new() { Subscription = Id, Reason = given, FirstSequence = firstSequence } });
        return true;
    }
}
