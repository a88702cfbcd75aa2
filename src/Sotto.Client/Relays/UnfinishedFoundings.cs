using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Repairing;
using Sotto.Client.Storage;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>
/// Groups whose first commit a restored relay may have lost while nobody else knows of them: made anew with another channel, because in
/// the old one the relay would take no commit for a day. Nothing but the founder's own memory is lost with them.
/// </summary>
internal sealed class UnfinishedFoundings(ClientState state, Bytes16 fingerprint)
{
    /// <summary>Adds what goes back a step to the changes.</summary>
    /// <returns>The same in memory, for when they are committed.</returns>
    public async Task<Action> MarkAsync(StoreChanges changes)
    {
        var joins = state.Joins.Values.Where(IsUnfinished).ToList();
        var foundings = state.Foundings.Values.Where(IsUnfinished).Select(founding => founding with { Stage = FoundingStage.Building, Channel = null, Welcome = null, Introductions = [] }).ToList();
        foreach (var join in joins)
        {
            var conversation = state.Conversations[join.Conversation!.Value];
            foreach (var stored in await state.Store.ReadAsync(StoreTable.Groups, conversation.Group.GroupId.Bytes).ConfigureAwait(false))
                changes.Delete(stored.Key);
            ClientState.Save(changes.Delete(conversation.Key), Again(join));
        }

        foreach (var founding in foundings)
            ClientState.Save(changes, founding);
        return () =>
        {
            foreach (var join in joins)
            {
                if (state.Conversations.TryRemove(join.Conversation!.Value, out var gone))
                    gone.Dispose();
                state.Joins[join.Invite] = Again(join);
            }

            foreach (var founding in foundings)
                state.Foundings[founding.Conversation] = founding;
        };
    }

    private static JoinRecord Again(JoinRecord join) => join with { Stage = JoinStage.Building, Channel = null, Conversation = null, Introductions = [] };

    private bool IsUnfinished(JoinRecord join) =>
        join.Stage is > JoinStage.Building and < JoinStage.Waiting && InviteLink.Parse(join.Link).Relay == fingerprint && IsNew(join.Conversation!.Value);

    private bool IsUnfinished(FoundingRecord founding) =>
        founding is { Repair: null, Stage: > FoundingStage.Building } && state.Conversations[founding.Conversation].Record.Relay == fingerprint && IsNew(founding.Conversation);

    private bool IsNew(Bytes16 conversation) => state.Conversations.TryGetValue(conversation, out var made) && made.Group.Epoch.Value == 0;
}
