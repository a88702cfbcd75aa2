using Sotto.Client.Storage;
using Sotto.Mls.Groups;

namespace Sotto.Client.Conversations;

/// <summary>A conversation in memory: what is stored of it, its MLS group, and how this connection stands with its channel.</summary>
internal sealed class ConversationState(ConversationRecord record, MlsGroup group) : IDisposable
{
    public ConversationRecord Record { get; set; } = record;

    public MlsGroup Group { get; private set; } = group;

    /// <summary>Whether a Welcome into the very group is being looked at: a device that is taken in again.</summary>
    public bool Rejoins { get; set; }

    /// <summary>The epoch whose write capability the relay refused although its number is this one.</summary>
    public ulong? RefusedIn { get; set; }

    /// <summary>The handshake number that the channel had when this connection opened it.</summary>
    public ulong NumberAtRelay { get; set; }

    private (ulong Epoch, byte[] Tag)[] _tags = [];

    /// <summary>Whether an entry names an epoch that is not the one that its number has here. Only of the two newest is it known.</summary>
    public bool IsForeignTag(ulong number, ReadOnlySpan<byte> tag)
    {
        if (!_tags.Any(known => known.Epoch == Group.Epoch.Value))
            _tags = [.. _tags.TakeLast(1), (Group.Epoch.Value, ChannelKeys.Tag(Group, Record.Channel))];
        foreach (var known in _tags)
        {
            if (known.Epoch == number)
                return !tag.SequenceEqual(known.Tag);
        }

        return false;
    }

    /// <summary>Sequence up to which this connection must have read before anything is sent; null until it is subscribed.</summary>
    public ulong? Head { get; set; }

    public uint Subscription { get; set; }

    /// <summary>Whether everything that was in the channel at the time of connecting was read.</summary>
    public bool IsCaughtUp => Head is { } head && Record.Processed >= head && !IsStopped;

    /// <summary>Whether nothing is read or sent any more: the channel is dead, or this device waits to be taken in again.</summary>
    public bool IsStopped => Record.IsReadOnly || Record.IsDead || Record.Repair is not null;

    /// <summary>Whether what is written is only stored, until it can be encrypted in its order.</summary>
    public bool IsHeld => Record.IsDead || Record.Repair is not null || Record.SendsAgain;

    /// <summary>Whether the person here may write: the own first entry is stored, in an epoch that the other can read.</summary>
    public bool IsReady => Record.HelloIsWritten;

    /// <summary>Whether the person here sees it: it is ready, or the other person's first entry came.</summary>
    public bool IsShown => IsReady || Record.PeerContact is not null;

    /// <summary>Another group takes this one's place; the channel is to be opened again.</summary>
    public void Replace(ConversationRecord record, MlsGroup group)
    {
        Group.Dispose();
        (Record, Group, Head, Subscription, RefusedIn, _tags) = (record, group, null, 0, null, []);
    }

    public RecordKey Key => KeyOf(Record);

    public static RecordKey KeyOf(ConversationRecord record) => new(StoreTable.Conversations, default, record.Id.ToArray());

    public void Dispose() => Group.Dispose();
}
