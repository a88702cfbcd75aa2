using Sotto.Client.Accounts;
using Sotto.Client.Invites;

namespace Sotto.Client.Joining;

/// <summary>Who invites, after every check of the link, card and keys.</summary>
public sealed class JoinPreview
{
    internal JoinPreview(InviteCard card, VerifiedAccount account) => (Card, Account) = (card, account);

    /// <summary>The name that the inviter's device signed.</summary>
    public string Name => Card.Name;

    /// <summary>Whether one person alone can join, who then counts as verified.</summary>
    public bool IsForOne => Card.Uses == 1;

    /// <summary>The inviter's account.</summary>
    public AccountId Inviter => Account.Account;

    internal InviteCard Card { get; }

    internal VerifiedAccount Account { get; }
}
