using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Client.Repairing;

/// <summary>How a contact is reached outside of the conversation: by their directory entry and the lane that they gave.</summary>
internal sealed class ContactDoors(RelayLink link)
{
    /// <summary>The contact's devices with their intro channels of now.</summary>
    /// <exception cref="RelayRefusedException">The relay does not take the contact token, or not yet again.</exception>
    public async Task<JoinTarget[]> FindAsync(ConversationRecord record, CancellationToken cancellationToken)
    {
        var answer = await link.Relay.Accounts.ReadDirectoryAsync(record.Peer, record.PeerContact!.Token, cancellationToken).ConfigureAwait(false);
        var targets = ChannelFounding.TargetsOf(VerifiedAccount.Verify(link.State.Crypto, new(record.Peer), answer));
        return targets.Length > 0 ? targets : throw new RelayRefusedException(RelayProblem.Refused);
    }

    /// <summary>One KeyPackage for each of them that has some.</summary>
    public async Task<JoinTarget[]> ClaimAsync(ConversationRecord record, JoinTarget[] targets, Bytes16 claim, CancellationToken cancellationToken)
    {
        var claimed = await ChannelFounding.ClaimAsync(link.Relay, new(record.Peer), record.PeerContact!.Token, claim, targets, cancellationToken).ConfigureAwait(false);
        return claimed.Length > 0 ? claimed : throw new RelayRefusedException(RelayProblem.Refused);
    }
}
