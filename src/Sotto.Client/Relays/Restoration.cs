using Sotto.Client.Invites;
using Sotto.Client.Storage;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>
/// Notices that a relay was restored from a backup, by its incarnation, and marks in one transaction everything that it may have
/// forgotten. Each part is then brought back by what brought it there before.
/// </summary>
internal sealed class Restoration(ClientState state, Bytes16 fingerprint)
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>How long a restored relay is given to get back what it forgot.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromDays(1);

    /// <exception cref="RelayUnreachableException">It names another incarnation within the hour: nothing is brought back so often.</exception>
    public async Task NoticeAsync(ReadOnlyMemory<byte> incarnation, CancellationToken cancellationToken)
    {
        if (state.Relays[fingerprint].Incarnation is { } known && incarnation.Span.SequenceEqual(known))
            return;
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var own = state.Relays[fingerprint];
            var now = state.Time.GetUtcNow();
            if (own.Incarnation is null)
            {
                await state.SaveAsync(own with { Incarnation = incarnation.ToArray() }).ConfigureAwait(false);
                return;
            }

            if (now - DateTimeOffset.FromUnixTimeSeconds(own.RestoredAt) < Pause)
                throw new RelayUnreachableException("The relay says that it was restored twice within an hour.");
            await MarkAsync(own with
            {
                Incarnation = incarnation.ToArray(),
                RestoredAt = now.ToUnixTimeSeconds(),
                IsForgotten = own.Receipt is not null,
                OrderRefusedAt = 0,
                IsReachable = false,
                HasKeyPackages = false,
                Intro = own.Intro with { Processed = 0 },
            }).ConfigureAwait(false);
            state.Raise(new NoticeRaised(null, NoticeKind.RelayRestored));
        }
    }

    private async Task MarkAsync(OwnRelay own)
    {
        var changes = ClientState.Save(new StoreChanges(), own);
        var invites = state.Invites.Values.Where(invite => invite.Relay == fingerprint).Select(Marked).ToList();
        foreach (var invite in invites)
            ClientState.Save(changes, invite);
        var conversations = state.Conversations.Values.Where(conversation => conversation.Record.Relay == fingerprint).ToList();
        foreach (var conversation in conversations)
            ClientState.Save(changes, Marked(conversation.Record));
        var unfinished = await new UnfinishedFoundings(state, fingerprint).MarkAsync(changes).ConfigureAwait(false);
        await state.CommitAsync(changes).ConfigureAwait(false);
        unfinished();
        state.Relays[fingerprint] = own;
        foreach (var invite in invites)
            state.Invites[invite.Id] = invite;
        foreach (var conversation in conversations.Where(conversation => state.Conversations.ContainsKey(conversation.Record.Id)))
            conversation.Record = Marked(conversation.Record);
    }

    /// <summary>An open one is told again, and so is the end of another.</summary>
    private static InviteRecord Marked(InviteRecord invite) =>
        invite with { IsForgotten = invite.State == InviteState.Open, EndIsTold = false };

    private static Conversations.ConversationRecord Marked(Conversations.ConversationRecord record) => record with
    {
        IsRestoring = true,
        ReadBefore = Math.Max(record.ReadBefore, record.Processed),
        Processed = 0,
        LaneIsStale = record.LaneIsStale || record.Contact.IsOpen,
        Repair = record.Repair is { } repair ? repair with { IsSent = false, Posts = [] } : null,
    };
}
