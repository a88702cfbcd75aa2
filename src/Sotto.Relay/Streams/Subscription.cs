using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>One open mailbox on one connection. The position belongs to the connection's sender, the rest to anybody.</summary>
internal sealed class Subscription(StreamSender sender, uint id, ChannelKey channel, Bytes16 mailbox, ulong position)
{
    private long _mayReadThrough = long.MaxValue;
    private long _visible;
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

    /// <summary>The last sequence that is known to be readable.</summary>
    public ulong Visible => (ulong)Volatile.Read(ref _visible);

    /// <summary>Everything up to a sequence can be read now.</summary>
    public void Wake(ulong visible)
    {
        InterlockedMax(ref _visible, (long)visible);
        sender.Wake(this);
    }

    /// <summary>It may read up to a sequence and no further. A later drop is that of another mailbox with its id.</summary>
    public void DropAt(ulong sequence) => Interlocked.CompareExchange(ref _mayReadThrough, (long)sequence, long.MaxValue);

    /// <summary>Passes on an ephemeral post, or drops it when the connection is slow. A dropped mailbox hears nothing that comes now.</summary>
    public void Pass(EphemeralPush push)
    {
        if (!IsEnded && MayReadThrough == long.MaxValue)
            sender.TryPass(new() { EphemeralPush = new() { Subscription = Id, EpochTag = push.EpochTag, Payload = push.Payload } });
    }

    /// <summary>Wakes come from the store's thread, one after the other, and once from whoever subscribed.</summary>
    private static void InterlockedMax(ref long highest, long value)
    {
        for (var seen = Volatile.Read(ref highest); seen < value; seen = Volatile.Read(ref highest))
            Interlocked.CompareExchange(ref highest, value, seen);
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
