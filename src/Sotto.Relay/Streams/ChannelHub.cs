using Sotto.Relay.Channels;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>
/// Who on this node listens to which channel. It carries hints, never entries: each subscription reads what is durable from
/// where it stands.
/// </summary>
internal sealed class ChannelHub : IMailboxEvents
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelKey, Subscription[]> _listeners = [];

    /// <summary>Adds a listener. Another one of the same mailbox ends: one mailbox has one reader.</summary>
    public void Add(Subscription subscription)
    {
        Subscription? replaced;
        lock (_gate)
        {
            var there = _listeners.GetValueOrDefault(subscription.Channel, []);
            replaced = Array.Find(there, other => other.Mailbox == subscription.Mailbox);
            _listeners[subscription.Channel] = [.. there.Where(other => other != replaced), subscription];
        }

        replaced?.TryEnd(EndReason.Replaced);
    }

    /// <summary>Removes a listener that ended.</summary>
    public void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (!_listeners.TryGetValue(subscription.Channel, out var there))
                return;
            var left = there.Where(other => other != subscription).ToArray();
            if (left.Length == 0)
                _listeners.Remove(subscription.Channel);
            else
                _listeners[subscription.Channel] = left;
        }
    }

    /// <inheritdoc/>
    public void Appended(ChannelKey channel, StoredEntry entry)
    {
        foreach (var subscription in Listeners(channel))
            subscription.Wake(entry.Sequence);
    }

    /// <inheritdoc/>
    public void Dropped(ChannelKey channel, Bytes16 mailbox, ulong sequence)
    {
        foreach (var subscription in Listeners(channel))
        {
            if (subscription.Mailbox == mailbox)
                subscription.DropAt(sequence);
        }
    }

    /// <summary>Passes an ephemeral post to whoever listens now.</summary>
    public void Pass(ChannelKey channel, EphemeralPush push)
    {
        foreach (var subscription in Listeners(channel))
            subscription.Pass(push);
    }

    private Subscription[] Listeners(ChannelKey channel)
    {
        lock (_gate)
            return _listeners.GetValueOrDefault(channel, []);
    }
}
