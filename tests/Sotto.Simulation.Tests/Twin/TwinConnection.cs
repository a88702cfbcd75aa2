using Google.Protobuf;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>A stream at the twin: its subscriptions, and what is still to be pushed to them.</summary>
internal sealed class TwinConnection(TwinRelay relay)
{
    private readonly List<Subscription> _subscriptions = [];
    private readonly Queue<Frame> _ends = new();
    private uint _last;

    /// <summary>Carries a request out. An acknowledgement has no answer.</summary>
    /// <exception cref="RelayRefusedException">It is refused.</exception>
    public Frame? Answer(Frame frame) => frame.BodyCase switch
    {
        Frame.BodyOneofCase.Subscribe => Subscribe(frame.Subscribe),
        Frame.BodyOneofCase.Acknowledge => Acknowledge(frame.Acknowledge),
        _ => relay.Channels.Answer(frame),
    };

    /// <summary>The next frame that the relay says by itself, of at most so many entries; null when there is none.</summary>
    public Frame? Push(int most)
    {
        if (_ends.TryDequeue(out var end))
            return end;
        foreach (var subscription in _subscriptions)
        {
            if (!relay.State.Channels.TryGetValue(subscription.Channel, out var channel) || !channel.Mailboxes.TryGetValue(subscription.Mailbox, out var mailbox))
                continue;
            var entries = channel.Entries.Where(entry => entry.Key > subscription.Position && entry.Key <= (mailbox.DroppedAt ?? ulong.MaxValue)).Take(most).Select(entry => entry.Value.Entry).ToList();
            if (entries.Count > 0)
            {
                subscription.Position = entries[^1].Sequence;
                return new() { Push = new() { Subscription = subscription.Id, Entries = { entries } } };
            }

            if (mailbox.DroppedAt is not null)
                return End(subscription, EndReason.Dropped);
        }

        return null;
    }

    public bool HasSomethingToPush => _ends.Count > 0 || _subscriptions.Any(subscription =>
        relay.State.Channels.TryGetValue(subscription.Channel, out var channel) && channel.Mailboxes.TryGetValue(subscription.Mailbox, out var mailbox)
        && (mailbox.DroppedAt is not null || channel.Entries.Keys.Any(sequence => sequence > subscription.Position)));

    /// <summary>Pushes what was not acknowledged once more, as at-least-once delivery may.</summary>
    public void Repeat()
    {
        foreach (var subscription in _subscriptions)
            subscription.Position = Math.Min(subscription.Position, relay.Channels.CursorOf(subscription.Channel, subscription.Mailbox));
    }

    private Frame Subscribe(Subscribe request)
    {
        var (channel, mailbox, state) = relay.Channels.Open(request.Channel, request.Mailbox, request.ReadCapability);
        var cursor = relay.Channels.CursorOf(channel, mailbox);
        var after = request.HasAfter ? request.After : cursor;
        if (after > state.Head)
            throw relay.Refuse(RelayProblem.Malformed, "a subscription after the head");
        if (after + 1 < state.First)
            throw relay.Refuse(RelayProblem.Expired, "a subscription", first: state.First);
        foreach (var other in relay.Connections)
            other.Replace(channel, mailbox);
        var subscription = new Subscription(++_last, channel, mailbox) { Position = after, Pushed = after };
        _subscriptions.Add(subscription);
        return new()
        {
            Subscribed = new()
            {
                Subscription = subscription.Id,
                Head = state.Head,
                Acknowledged = cursor,
                FirstSequence = state.First,
                Number = state.Number,
                Note = state.Mailboxes[mailbox].Note is { } note ? ByteString.CopyFrom(note) : ByteString.Empty,
            },
        };
    }

    private Frame? Acknowledge(Acknowledge request)
    {
        // One that a newer connection replaced says nothing any more.
        if (_subscriptions.FirstOrDefault(known => known.Id == request.Subscription) is not { } subscription)
            return null;
        if (request.Sequence > Math.Max(subscription.Position, subscription.Pushed))
            throw relay.Refuse(RelayProblem.Malformed, "an acknowledgement of what was not pushed");
        relay.Channels.Acknowledge(subscription.Channel, subscription.Mailbox, request.Sequence);
        return null;
    }

    private void Replace(Bytes16 channel, Bytes16 mailbox)
    {
        if (_subscriptions.FirstOrDefault(known => known.Channel == channel && known.Mailbox == mailbox) is { } old)
            _ends.Enqueue(End(old, EndReason.Replaced));
    }

    private Frame End(Subscription subscription, EndReason reason)
    {
        _subscriptions.Remove(subscription);
        return new() { SubscriptionEnded = new() { Subscription = subscription.Id, Reason = reason } };
    }

    private sealed class Subscription(uint id, Bytes16 channel, Bytes16 mailbox)
    {
        private ulong _position;

        public uint Id => id;

        public Bytes16 Channel => channel;

        public Bytes16 Mailbox => mailbox;

        /// <summary>What was pushed, or is to be pushed again.</summary>
        public ulong Position
        {
            get => _position;
            set => (_position, Pushed) = (value, Math.Max(Pushed, value));
        }

        /// <summary>The highest that was ever pushed.</summary>
        public ulong Pushed { get; set; }
    }
}
