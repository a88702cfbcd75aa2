using Sotto.Client.Accounts;
using Sotto.Client.Conversations;

namespace Sotto.Client.Repairing;

/// <summary>The groups of a conversation in the order in which each took the place of the one before.</summary>
internal static class ResetChain
{
    /// <summary>All groups, the one of now last.</summary>
    public static FormerGroup[] Of(ConversationRecord record) => [.. record.FormerGroups, new(record.Group, record.Founder)];

    public static bool Contains(ConversationRecord record, ReadOnlySpan<byte> group) => IndexOf(record, group) >= 0;

    /// <summary>The groups up to one, that one included.</summary>
    public static FormerGroup[] UpTo(ConversationRecord record, ReadOnlySpan<byte> group) => Of(record)[..(IndexOf(record, group) + 1)];

    /// <summary>The group that took its place; null when none has.</summary>
    public static FormerGroup? SuccessorOf(ConversationRecord record, ReadOnlySpan<byte> group)
    {
        var next = IndexOf(record, group) + 1;
        return next > 0 && next < Of(record).Length ? Of(record)[next] : null;
    }

    /// <summary>
    /// Of two that take the place of the same group: an owner's before an admin's, then the order in the roles, then the lower group
    /// id. Everybody who sees both decides alike.
    /// </summary>
    public static bool Precedes(ConversationContext context, FormerGroup one, FormerGroup other)
    {
        var (first, second) = (Rank(context, one), Rank(context, other));
        return first != second ? first < second : one.Group.AsSpan().SequenceCompareTo(other.Group) < 0;
    }

    private static int Rank(ConversationContext context, FormerGroup group)
    {
        for (var i = 0; i < context.Roles.Count; i++)
        {
            if (group.Founder is { } founder && context.Roles[i].Account == new AccountId(founder))
                return (context.Roles[i].Role == ConversationRole.Owner ? 0 : context.Roles.Count) + i;
        }

        return int.MaxValue;
    }

    private static int IndexOf(ConversationRecord record, ReadOnlySpan<byte> group)
    {
        var all = Of(record);
        for (var i = 0; i < all.Length; i++)
        {
            if (group.SequenceEqual(all[i].Group))
                return i;
        }

        return -1;
    }
}
