using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Invites;

/// <summary>Tells both planes of a relay of own invites: that they are open, and that they have ended.</summary>
internal sealed class InvitePublisher(ClientState state, IRelay relay, IMailboxStream stream, Bytes16 fingerprint)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var invite in state.Invites.Values.Where(invite => invite.Relay == fingerprint).ToList())
        {
            if (invite.State == InviteState.New || invite is { State: InviteState.Open, IsForgotten: true })
                await OpenOrEndAsync(invite, cancellationToken).ConfigureAwait(false);
            else if (invite.State is InviteState.Used or InviteState.Revoked && !invite.EndIsTold)
                await EndAsync(invite, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One that the relay will never take ends here, and what else is to be done at the relay goes on.</summary>
    private async Task OpenOrEndAsync(InviteRecord invite, CancellationToken cancellationToken)
    {
        var end = invite.ExpiresHour <= state.NowHour ? InviteState.Expired : invite.State;
        try
        {
            if (end != InviteState.Expired)
                await OpenAsync(invite, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Malformed or RelayProblem.QuotaReached or RelayProblem.Conflict)
        {
            // By the relay's clock its time is over, or there are as many as there may be.
            end = refused.Problem == RelayProblem.Malformed ? InviteState.Expired : InviteState.Revoked;
        }

        if (end is InviteState.Expired or InviteState.Revoked)
            await SaveAsync(invite.Id, before => before with { State = end, IsForgotten = false }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Both planes, and only then is the link shown.</summary>
    private async Task OpenAsync(InviteRecord invite, CancellationToken cancellationToken)
    {
        var keys = KeysOf(invite);
        var intro = state.Relays[fingerprint].Intro;
        var lane = new OpenLane
        {
            Channel = intro.Channel.ToWire(),
            Capability = intro.OwnerCapability.ToWire(),
            LaneHash = keys.Lane.HashToWire(),
            Kind = invite.Uses == 1 ? LaneKind.SingleUse : LaneKind.MultiUse,
            ExpiresHour = invite.ExpiresHour,
            Uses = invite.Uses == 1 ? 0 : (uint)invite.Uses,
        };
        await stream.AskAsync(new() { OpenLane = lane }, cancellationToken).ConfigureAwait(false);
        var request = new InviteRequest(Hash(keys.Contact), invite.Card, invite.Uses, invite.ExpiresHour, Hash(keys.Registration));
        await relay.Accounts.AddInviteAsync(state.Signer, request, cancellationToken).ConfigureAwait(false);
        await SaveAsync(invite.Id, before => before with { State = before.State == InviteState.New ? InviteState.Open : before.State, IsForgotten = false }, cancellationToken).ConfigureAwait(false);
    }

    private async Task EndAsync(InviteRecord invite, CancellationToken cancellationToken)
    {
        var keys = KeysOf(invite);
        var request = new RevokeRequest(Hash(keys.Contact), Hash(keys.Registration), invite.State == InviteState.Used);
        try
        {
            await relay.Accounts.RevokeInviteAsync(state.Signer, request, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Refused)
        {
            // The relay never knew it, or has forgotten it.
        }

        await SaveAsync(invite.Id, before => before with { EndIsTold = true }, cancellationToken).ConfigureAwait(false);
        state.Raise(new InviteEnded(invite.Id));
    }

    private InviteKeys KeysOf(InviteRecord invite) => InviteKeys.Derive(state.Crypto, state.RequireAccount().Id, invite.Relay, invite.Secret);

    private async Task SaveAsync(Bytes32 id, Func<InviteRecord, InviteRecord> change, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
            await state.SaveAsync(change(state.Invites[id])).ConfigureAwait(false);
    }

    private static byte[] Hash(Bytes32 token) => Bytes32.HashOf(token.ToArray()).ToArray();
}
