using Sotto.Client.Accounts;

namespace Sotto.Client.Joining;

/// <summary>Who invites, after every check of the link, card and keys.</summary>
/// <param name="Inviter">The inviter's account.</param>
/// <param name="Name">The name that the inviter's device signed.</param>
/// <param name="IsForOne">Whether one person alone can join, who then counts as verified.</param>
public sealed record JoinPreview(AccountId Inviter, string Name, bool IsForOne);
