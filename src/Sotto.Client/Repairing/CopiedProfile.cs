using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Wire;

namespace Sotto.Client.Repairing;

/// <summary>
/// What an old copy, or one of two, does for the relay: its intro channel, which nobody can repair, is made anew with its lanes, and
/// published with new KeyPackages.
/// </summary>
internal sealed class CopiedProfile(ClientState state, Bytes16 fingerprint)
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>At most once an hour, for all conversations that notice it.</summary>
    /// <exception cref="RelayUnreachableException">It was made anew: the connection still reads the old one.</exception>
    public async Task NoticeAsync(CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (own, now) = (state.Relays[fingerprint], state.Time.GetUtcNow());
            if (now < DateTimeOffset.FromUnixTimeSeconds(own.CopyNoticedAt) + Pause)
                return;
            own = own with
            {
                CopyNoticedAt = now.ToUnixTimeSeconds(),
                Intro = Provisioning.NewIntro(state.Crypto),
                IsReachable = false,
                Reachability = null,
                HasKeyPackages = false,
            };
            var changes = ClientState.Save(new(), own);
            var invites = state.Invites.Values.Where(invite => invite.Relay == fingerprint && invite.State == InviteState.Open).Select(invite => invite with { IsForgotten = true }).ToList();
            foreach (var invite in invites)
                ClientState.Save(changes, invite);
            var contacts = state.Conversations.Values.Where(conversation => conversation.Record.Relay == fingerprint && (conversation.Record.Contact.IsOpen || conversation.Record.Repair is not null)).ToList();
            foreach (var contact in contacts)
                ClientState.Save(changes, Marked(contact.Record));
            await state.CommitAsync(changes).ConfigureAwait(false);
            state.Relays[fingerprint] = own;
            foreach (var invite in invites)
                state.Invites[invite.Id] = invite;
            foreach (var contact in contacts)
                contact.Record = Marked(contact.Record);
        }

        throw new RelayUnreachableException("The intro channel was made anew.");
    }

    /// <summary>A repair that was asked for would be answered where nobody reads any more: it is asked for again.</summary>
    private static ConversationRecord Marked(ConversationRecord record) => record with
    {
        LaneIsStale = record.LaneIsStale || record.Contact.IsOpen,
        Repair = record.Repair is null ? null : new(),
    };
}
