using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Client.Conversations;

/// <summary>
/// Which commits are valid beyond RFC 9420 (docs/protocol/conversations.md). A pure function of the group and the commit, so
/// that all members decide alike; every other commit is void.
/// </summary>
internal sealed class ConversationPolicy(ICryptoProvider crypto, CredentialVerifier credentials) : IGroupPolicy
{
    /// <summary>By reference only leaving.</summary>
    public bool Allows(IGroupView group, SentProposal proposal) =>
        proposal.Sender.Type == SenderType.Member
        && (!proposal.ByReference || proposal.Proposal is RemoveProposal remove && remove.Removed.Value == proposal.Sender.Index);

    public bool Allows(CommitView commit)
    {
        if (ConversationContext.From(commit.Before.Context.Extensions) is not { } before
            || ConversationContext.From(commit.After.Context.Extensions) is not { } after
            || commit.Committer.Type != SenderType.Member
            || credentials.Find(commit.Before.Find(commit.CommitterLeaf)!) is not { } committer)
            return false;
        var step = new Step(commit, before, after, committer);
        return KeepsWhatNeverChanges(step)
            && ProposalsAreAllowed(step)
            && RolesStayWhole(step)
            && LeavesAreWhole(step)
            && commit.AuthenticatedData.Span.SequenceEqual(
                MailboxChanges.Of(crypto, before.MailboxKey, commit.Before, commit.Proposals.Select(sent => sent.Proposal)).AuthenticatedData());
    }

    /// <summary>Whether a group that a Welcome describes may be joined at all.</summary>
    public bool IsWhole(IGroupView group) =>
        ConversationContext.From(group.Context.Extensions) is { } context
        && LeavesAreWhole(context, group)
        && context.Roles.Any(entry => entry.Role == ConversationRole.Owner);

    private static bool KeepsWhatNeverChanges(Step step) =>
        step.Before.Kind == step.After.Kind && step.Before.Id == step.After.Id && step.Before.Relay == step.After.Relay
        && step.Before.Channel == step.After.Channel && step.Before.MailboxKey == step.After.MailboxKey
        && Equals(step.Before.Reset?.OldGroup.Length, step.After.Reset?.OldGroup.Length)
        && (step.Before.Reset is not { } old || old.OldGroup.Span.SequenceEqual(step.After.Reset!.OldGroup.Span))
        && step.Commit.After.Context.Extensions.Find(ExtensionTypes.RequiredCapabilities) is { } required
        && required.Span.SequenceEqual(ConversationExtensions.Required.Data.Span)
        && step.Commit.After.Context.Extensions.All(extension => extension.Type is ExtensionTypes.RequiredCapabilities or ConversationExtensions.Conversation);

    private bool ProposalsAreAllowed(Step step) =>
        step.Commit.Proposals.All(sent => Allows(step.Commit.Before, sent))
        && step.Commit.Proposals.Count(sent => sent.Proposal is PreSharedKeyProposal) <= 1
        && step.Commit.Proposals.All(sent => sent.ByReference || IsAllowed(step, sent.Proposal));

    private bool IsAllowed(Step step, Proposal proposal) => proposal switch
    {
        AddProposal add => MayAdd(step, add),
        RemoveProposal remove => MayRemove(step, remove),
        GroupContextExtensionsProposal => step.Before.Kind != ConversationKind.Pair && step.IsAtLeast(ConversationRole.Admin),
        PreSharedKeyProposal psk => MayShareKey(step, psk.Psk),
        ReInitProposal => step.IsAtLeast(ConversationRole.Owner),
        CustomProposal custom => custom.Type == ConversationExtensions.Reason,
        _ => false,
    };

    /// <summary>One external PSK may begin a chat of two; everything else belongs to another group's end.</summary>
    private static bool MayShareKey(Step step, PreSharedKeyId psk) => psk switch
    {
        ExternalPskId => step.Commit.Before.Context.Epoch.Value == 0 && step.Before is { Kind: ConversationKind.Pair, Reset: null },
        ResumptionPskId resumption => resumption.Usage == ResumptionUsage.ReInit && step.Commit.Before.Context.Epoch.Value == 0,
        _ => false,
    };

    private bool MayAdd(Step step, AddProposal add) =>
        credentials.Find(add.KeyPackage.LeafNode) is { } added
        && (added.Account == step.Committer.Account || step.IsAtLeast(ConversationRole.Admin)
            || IsRepair(step, added, add.KeyPackage.LeafNode) || IsRecovery(step, added));

    private bool MayRemove(Step step, RemoveProposal remove)
    {
        if (step.Commit.Before.Find(remove.Removed) is not { } leaf || credentials.Find(leaf) is not { } removed)
            return false;
        return removed.Account == step.Committer.Account
            || (step.Before.Kind != ConversationKind.Pair && step.IsAtLeast(ConversationRole.Admin) && (!step.Before.IsOwner(removed.Account) || step.IsAtLeast(ConversationRole.Owner)))
            || Adds(step).Any(add => IsRepairOf(step, add, leaf, removed))
            || IsRecovery(step, removed);
    }

    /// <summary>A device that asked for repair is removed and added again in one commit, by anybody.</summary>
    private bool IsRepair(Step step, MemberCredential added, LeafNode leaf) =>
        Removes(step).Any(removed => credentials.Find(removed) is { } gone && gone.Account == added.Account && IsRepairOf(step, leaf, removed, gone));

    private bool IsRepairOf(Step step, LeafNode added, LeafNode removed, MemberCredential gone) =>
        credentials.Find(added) is { } member && member.Account == gone.Account && member.Device == gone.Device
        && RepairMark.From(added) is { } mark
        && mark.Group.Span.SequenceEqual(step.Commit.Before.Context.GroupId.Bytes.Span)
        && mark.Number > (RepairMark.From(removed)?.Number ?? 0);

    /// <summary>All leaves of an account go and others come whose account-key chain is longer: the account was taken back.</summary>
    private bool IsRecovery(Step step, MemberCredential member)
    {
        var old = step.Commit.Before.Members.Select(other => other.Leaf).Where(leaf => credentials.Find(leaf)?.Account == member.Account).ToList();
        var gone = Removes(step).Where(leaf => credentials.Find(leaf)?.Account == member.Account).ToList();
        var come = Adds(step).Select(credentials.Find).Where(added => added?.Account == member.Account).ToList();
        return old.Count > 0 && gone.Count == old.Count && come.Count > 0
            && come.Min(added => added!.Recoveries) > old.Max(leaf => credentials.Find(leaf)!.Recoveries);
    }

    /// <summary>An owner remains. Only owners make owners, and only admins and owners change roles at all.</summary>
    private static bool RolesStayWhole(Step step)
    {
        var changed = !step.Before.Roles.SequenceEqual(step.After.Roles) || step.Before.PolicyVersion != step.After.PolicyVersion;
        var owners = step.Before.Roles.Where(entry => entry.Role == ConversationRole.Owner).Select(entry => entry.Account).ToHashSet();
        var ownersAfter = step.After.Roles.Where(entry => entry.Role == ConversationRole.Owner).Select(entry => entry.Account).ToHashSet();
        return ownersAfter.Count > 0
            && (!changed || step.IsAtLeast(ConversationRole.Admin))
            && (owners.SetEquals(ownersAfter) || step.IsAtLeast(ConversationRole.Owner));
    }

    private bool LeavesAreWhole(Step step)
    {
        if (!LeavesAreWhole(step.After, step.Commit.After))
            return false;
        foreach (var member in step.Commit.After.Members)
        {
            var earlier = step.Commit.Before.Find(member.Index);
            if (earlier is null || !earlier.SignatureKey.Span.SequenceEqual(member.Leaf.SignatureKey.Span) || Adds(step).Contains(member.Leaf))
                continue;
            if (LeafInfo.MailboxOf(crypto, step.Before.MailboxKey, earlier) != LeafInfo.MailboxOf(crypto, step.Before.MailboxKey, member.Leaf))
                return false;
        }

        return true;
    }

    /// <summary>Mailboxes differ; all leaves of one account name one account key; a chat of two has no third account.</summary>
    private bool LeavesAreWhole(ConversationContext context, IGroupView group)
    {
        var mailboxes = new HashSet<Wire.Bytes16>();
        var accounts = new Dictionary<AccountId, MemberCredential>();
        foreach (var member in group.Members)
        {
            if (LeafInfo.From(member.Leaf) is null || credentials.Find(member.Leaf) is not { } credential
                || !mailboxes.Add(LeafInfo.MailboxOf(crypto, context.MailboxKey, member.Leaf)))
                return false;
            if (accounts.TryAdd(credential.Account, credential))
                continue;
            var other = accounts[credential.Account];
            if (other.AccountKey != credential.AccountKey || other.Recoveries != credential.Recoveries)
                return false;
        }

        return context.Kind != ConversationKind.Pair || IsPair(context, accounts.Keys);
    }

    private static bool IsPair(ConversationContext context, IReadOnlyCollection<AccountId> accounts) =>
        context.Roles.Count == 2 && context.Roles.All(entry => entry.Role == ConversationRole.Owner)
        && accounts.All(account => context.RoleOf(account) is not null)
        && context.Id == ConversationContext.PairId(context.Roles[0].Account, context.Roles[1].Account);

    private static IEnumerable<LeafNode> Adds(Step step) =>
        step.Commit.Proposals.Select(sent => sent.Proposal).OfType<AddProposal>().Select(add => add.KeyPackage.LeafNode);

    private static IEnumerable<LeafNode> Removes(Step step) =>
        step.Commit.Proposals.Select(sent => sent.Proposal).OfType<RemoveProposal>().Select(remove => step.Commit.Before.Find(remove.Removed)).OfType<LeafNode>();

    /// <summary>A commit with what its group says before and after.</summary>
    private sealed record Step(CommitView Commit, ConversationContext Before, ConversationContext After, MemberCredential Committer)
    {
        public bool IsAtLeast(ConversationRole role) => Before.RoleOf(Committer.Account) is { } own && own <= role;
    }
}
