using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Client.Storage;
using Sotto.Mls.Groups;
using Sotto.Mls.State;
using Sotto.Wire;

namespace Sotto.Client.Repairing;

/// <summary>
/// Puts another group, or another leaf in the same one, in the place of a conversation's: one transaction in which the old
/// secrets go and everything that the other may not have waits to be encrypted anew. Messages, contact and verification stay.
/// </summary>
internal sealed class GroupReplacement(ClientState state)
{
    /// <summary>A record as it is with a new leaf: nothing of the old one's mailbox, commits and requests.</summary>
    public ConversationRecord WithNewLeaf(ConversationRecord record, Bytes16 mailbox) => record with
    {
        Mailbox = mailbox,
        ReadCapability = Fresh.ThirtyTwo(state.Crypto),
        ClaimToken = null,
        OldClaimToken = null,
        NextReadCapability = null,
        OldReadCapabilities = [],
        RekeyIsDue = false,
        PendingCommit = null,
        Processed = 0,
        ReadBefore = 0,
        UpdatedAt = state.Time.GetUtcNow().ToUnixTimeSeconds(),
        SentSinceUpdate = 0,
        IsReadOnly = false,
        IsDead = false,
        IsRestoring = false,
        Repair = null,
        RepairsAsked = [],
        NeedsReset = false,
        ResetIsWanted = false,
        ResetOf = null,
        SendsAgain = true,
    };

    /// <summary>Commits it with whatever else belongs to it. The caller has entered; the old group is disposed.</summary>
    public async Task ReplaceAsync(ConversationState conversation, MlsGroup group, StateChange change, ConversationRecord record, StoreChanges more)
    {
        var old = conversation.Group;
        var changes = new StoreChanges();
        if (old.GroupId != group.GroupId && old.Status != GroupStatus.Removed)
            EpochHistory.Keep(old, changes);
        foreach (var stored in await state.Store.ReadAsync(StoreTable.Groups, old.GroupId.Bytes).ConfigureAwait(false))
            changes.Delete(stored.Key);
        foreach (var stored in await state.Store.ReadAsync(StoreTable.Commits, record.Id.ToArray()).ConfigureAwait(false))
            changes.Delete(stored.Key);
        var waiting = state.Outbox.Where(row => row.Value.Conversation == record.Id).ToList();
        foreach (var (order, row) in waiting)
        {
            changes.Delete(ClientState.OutboxKey(order));
            changes.Save(ClientState.UnseenKey(record.Id, Contents.CounterOf(row.Content)), new UnseenContent { Content = row.Content, Place = row.Place }, StoreJson.Default.UnseenContent);
        }

        ClientState.Save(changes.Add(group.GroupId, change), record);
        foreach (var (key, value) in more.Records)
            _ = value is null ? changes.Delete(key) : changes.Save(key, value);
        await state.CommitAsync(changes).ConfigureAwait(false);
        foreach (var (order, _) in waiting)
            state.Outbox.Remove(order);
        conversation.Replace(record, group);
    }
}
