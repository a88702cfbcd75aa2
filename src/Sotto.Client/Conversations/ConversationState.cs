using Sotto.Client.Storage;
using Sotto.Mls.Groups;

namespace Sotto.Client.Conversations;

/// <summary>A conversation in memory: what is stored of it, its MLS group, and how this connection stands with its channel.</summary>
internal sealed class ConversationState(ConversationRecord record, MlsGroup group) : IDisposable
{
    public ConversationRecord Record { get; set; } = record;

    public MlsGroup Group { get; } = group;

    /// <summary>Sequence up to which this connection must have read before anything is sent; null until it is subscribed.</summary>
    public ulong? Head { get; set; }

    public uint Subscription { get; set; }

    /// <summary>Whether everything that was in the channel at the time of connecting was read.</summary>
    public bool IsCaughtUp => Head is { } head && Record.Processed >= head && !IsStopped;

    /// <summary>Whether nothing is read or sent any more: this store is an old copy, or the channel is dead.</summary>
    public bool IsStopped => Record.IsReadOnly || Record.IsDead;

    /// <summary>Whether the person here may write: the own first entry is stored, in an epoch that the other can read.</summary>
    public bool IsReady => Record.HelloIsWritten;

    /// <summary>Whether the person here sees it: it is ready, or the other person's first entry came.</summary>
    public bool IsShown => IsReady || Record.PeerContact is not null;

    public RecordKey Key => KeyOf(Record);

    public static RecordKey KeyOf(ConversationRecord record) => new(StoreTable.Conversations, default, record.Id.ToArray());

    public void Dispose() => Group.Dispose();
}
