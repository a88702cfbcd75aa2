using Sotto.Client;
using Sotto.Client.Conversations;

namespace Sotto.Terminal.Client;

/// <summary>Events in plain words.</summary>
internal static class ClientTellings
{
    /// <summary>The sentence and whether it is a warning; null where there is nothing to tell.</summary>
    public static (string Text, bool IsWarning)? Of(ClientEvent happened) => happened switch
    {
        ConversationStarted started => (Started(started.Conversation), false),
        NoticeRaised notice => Of(notice),
        _ => null,
    };

    private static string Started(Conversation conversation) => conversation.Verification == Verification.Invite
        ? $"{conversation.Name} is here, verified by the invite: as surely as only they had the link. Is this who you meant?"
        : $"{conversation.Name} is here, not verified. Compare the safety number: {conversation.SafetyNumber}";

    private static (string, bool)? Of(NoticeRaised notice)
    {
        var name = notice.Conversation?.Name ?? "somebody";
        return notice.Kind switch
        {
            NoticeKind.MessagesMissing => ($"{notice.Count} of {name}'s messages are missing.", true),
            NoticeKind.NotOpened => ($"Something came from {name}'s conversation that cannot be opened.", true),
            NoticeKind.NotShown => ($"{name} sent something that this version cannot show.", false),
            NoticeKind.KeysRenewed => ($"The keys of the conversation with {name} were renewed.", false),
            NoticeKind.ChannelDead => ($"Nobody can go on in the channel of the conversation with {name}: it is begun anew in another one.", true),
            NoticeKind.SecondWelcome => ($"A second person answered the invite that {name} used. Neither counts as verified: compare the safety number.", true),
            NoticeKind.WelcomeRefused => ("Somebody tried to join with an invite in a way that is not allowed, and was refused.", true),
            NoticeKind.RelayRestored => ("The relay was restored from a backup. What it lost is brought back from here.", true),
            NoticeKind.ReceiptRefused => ($"The relay signed nothing that holds for the newest keys of the conversation with {name}.", true),
            NoticeKind.RelayNotGenuine => ("What answers at the relay's address is not the relay.", true),
            NoticeKind.OldCopy => ($"This profile is an old copy, or runs twice: nothing is sent or taken in the conversation with {name} until {name} has taken it in again.", true),
            NoticeKind.NoteForeign => ("The relay keeps something else for this device than the device left there.", true),
            NoticeKind.RepairAsked => ($"The conversation with {name} cannot be followed from here any more. {name}'s device was asked to take this one in again.", true),
            NoticeKind.Repaired => ($"{name}'s device has taken this one in again; what {name} has not seen is sent again.", false),
            NoticeKind.PeerRepaired => ($"{name}'s device could not follow the conversation and was taken in again.", false),
            NoticeKind.ConversationReset => ($"The conversation with {name} goes on in a new channel; what was not seen is sent again.", false),
            NoticeKind.ResetNeeded => ($"The conversation with {name} broke again within a day. /reset begins it anew.", true),
            NoticeKind.ForkHint => ($"Something came that would fit another history of the conversation with {name}. If it comes again, ask {name} by other means.", true),
            NoticeKind.MailboxesDiffer => ($"A change of the conversation with {name} told the relay something else than it told the members.", true),
            NoticeKind.MailboxTaken => ($"Somebody else has this device's mailbox in the conversation with {name}.", true),
            NoticeKind.OpenedElsewhere => ("This profile was opened by another program.", true),
            _ => null,
        };
    }
}
