using System.Buffers.Binary;
using Sotto.Client.Conversations;
using Sotto.Client.Storage;
using Sotto.Mls.Groups;

namespace Sotto.Client.Repairing;

/// <summary>
/// The epoch authenticators (RFC 9420 §8.7) of the newest 22 epochs of a group: who knows them was there. The one of the epoch
/// that is now is the group's own; each other is stored by the commit that ended it.
/// </summary>
internal sealed class EpochHistory(ClientState state)
{
    private const int Most = 22;

    /// <summary>Adds the epoch that ends to the changes that end it.</summary>
    public static void Keep(MlsGroup ending, StoreChanges changes)
    {
        var epoch = ending.Epoch.Value;
        changes.Save(KeyOf(ending.GroupId.Bytes, epoch), ending.EpochAuthenticator.ToArray());
        if (epoch >= Most - 1)
            changes.Delete(KeyOf(ending.GroupId.Bytes, epoch - (Most - 1)));
    }

    /// <summary>What is known of a group, newest first.</summary>
    public async Task<IReadOnlyList<ResetEpoch>> ReadAsync(ConversationState conversation, byte[] group)
    {
        var known = (await state.Store.ReadAsync(StoreTable.Epochs, group).ConfigureAwait(false))
            .Select(stored => new ResetEpoch(BinaryPrimitives.ReadUInt64BigEndian(stored.Key.Name.Span), stored.Value)).ToList();
        if (conversation.Group.GroupId.Bytes.Span.SequenceEqual(group) && conversation.Group.Status != GroupStatus.Removed)
            known.Add(new(conversation.Group.Epoch.Value, conversation.Group.EpochAuthenticator.ToArray()));
        return [.. known.OrderByDescending(epoch => epoch.Epoch).DistinctBy(epoch => epoch.Epoch).Take(Most)];
    }

    /// <summary>Whether somebody was there: they name at least one epoch that is known here, and each of those rightly.</summary>
    public static bool Proves(IReadOnlyList<ResetEpoch> known, IReadOnlyList<ResetEpoch> named)
    {
        var both = (from epoch in named
                    let here = known.FirstOrDefault(other => other.Epoch == epoch.Epoch)
                    where here is not null
                    select here.Authenticator.Span.SequenceEqual(epoch.Authenticator.Span)).ToList();
        return both.Count > 0 && both.TrueForAll(isRight => isRight);
    }

    private static RecordKey KeyOf(ReadOnlyMemory<byte> group, ulong epoch) => new(StoreTable.Epochs, group, StoreChanges.Order(epoch));
}
