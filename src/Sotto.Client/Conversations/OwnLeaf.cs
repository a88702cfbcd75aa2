using Sotto.Client.Invites;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;

namespace Sotto.Client.Conversations;

/// <summary>What this device says of itself to the members of a conversation.</summary>
internal static class OwnLeaf
{
    /// <summary>Its leaf's extensions from the first own path commit on. A leaf that was taken in again keeps saying so.</summary>
    public static ExtensionList ExtensionsOf(ClientState state, MlsGroup group, ConversationRecord record)
    {
        var leaf = new LeafInfo(record.Mailbox, state.RequireAccount().List, ReachOf(state, record)).ToExtension();
        return new(RepairMark.From(group.OwnLeaf) is { } mark ? [leaf, mark.ToExtension()] : [leaf]);
    }

    /// <summary>How this one contact reaches it.</summary>
    public static LeafReach ReachOf(ClientState state, ConversationRecord record)
    {
        var own = state.Relays[record.Relay];
        return new(own.Urls[0], own.Fingerprint, own.Intro.Channel, IntroSealing.PublicKeyOf(state.Crypto, own.Intro.PrivateKey), record.Contact.Lane, record.Contact.Token);
    }
}
