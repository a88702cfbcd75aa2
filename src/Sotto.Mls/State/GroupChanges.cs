using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Trees;

namespace Sotto.Mls.State;

/// <summary>What the operations on a group change in storage.</summary>
internal static class GroupChanges
{
    /// <summary>
    /// A message was sent or opened: the sender's ratchets, and the secret tree's nodes when it is the sender's first. No
    /// step of the secret tree belongs to a PublicMessage.
    /// </summary>
    public static StateChange Message(Epoch epoch, SecretTreeStep? step, params StateRecord[] more) => step is null
        ? new StateChange(more, [])
        : new StateChange(
            [
                GroupEncoding.Ratchet(epoch, step.Leaf, step.Ratchets),
                .. step.NewNodes.Select(node => GroupEncoding.SecretNode(epoch, node.Key, node.Value)),
                .. more,
            ],
            [.. step.SpentNodes.Select(node => GroupEncoding.SecretNodeKey(epoch, node))]);

    /// <summary>All records of a group that is new here.</summary>
    public static StateChange NewGroup(EpochState epoch, GroupStatus status, ReInitProposal? reInit) =>
        new([GroupEncoding.Group(epoch, status, reInit), .. Tree(epoch.Tree), .. Secrets(epoch.Context.Epoch, epoch.SecretTree)], []);

    /// <summary>
    /// A commit takes effect: the new epoch, the nodes that changed, and the old epoch as a past one, after the step of its
    /// secret tree that opened the commit.
    /// </summary>
    public static StateChange NextEpoch(
        GroupMemory group, EpochState next, ReInitProposal? reInit, MlsLimits limits, bool withPending = false, SecretTreeStep? step = null)
    {
        var old = group.Epoch;
        var status = reInit is null ? GroupStatus.Active : GroupStatus.ReInitialised;
        List<StateRecord> saved =
        [
            GroupEncoding.Group(next, status, reInit),
            .. Secrets(next.Context.Epoch, next.SecretTree),
        ];
        List<StateKey> deleted = [.. Waiting(group, withPending)];

        foreach (var node in next.Tree.NodesThatDifferFrom(old.Tree))
        {
            if (next.Tree[node] is { } value)
                saved.Add(GroupEncoding.Node(node, value));
            else
                deleted.Add(GroupEncoding.NodeKey(node));
        }

        for (var node = TreeMath.NodeCount(next.Tree.Width); node < TreeMath.NodeCount(old.Tree.Width); node++)
            deleted.Add(GroupEncoding.NodeKey(node));
        if (step is not null && limits.PastEpochs > 0)
        {
            var opened = Message(old.Context.Epoch, step);
            saved.AddRange(opened.Saved);
            deleted.AddRange(opened.Deleted);
        }

        AddPast(group, next, saved, deleted, limits);
        return new StateChange(saved, deleted);
    }

    /// <summary>This client was removed: nothing is left.</summary>
    public static StateChange Nothing(GroupMemory group)
    {
        using var all = new StateChange(All(group), []);
        return new StateChange([], [.. all.Saved.Select(record => record.Key)]);
    }

    /// <summary>Every record of a group, for tests and for a first store.</summary>
    public static List<StateRecord> All(GroupMemory group)
    {
        var epoch = group.Epoch.Context.Epoch;
        List<StateRecord> all =
        [
            GroupEncoding.Group(group.Epoch, group.Status, group.ReInit),
            .. Tree(group.Epoch.Tree),
            .. Secrets(epoch, group.Epoch.SecretTree),
            .. group.Queue.Waiting.Select((proposal, place) => GroupEncoding.Proposal(epoch, place, proposal)),
            .. group.Resumption.Select(psk => GroupEncoding.Resumption(new Epoch(psk.Key), psk.Value)),
        ];
        for (var i = 0; i < group.Past.Count; i++)
        {
            var past = group.Past[i];
            var after = i + 1 < group.Past.Count ? group.Past[i + 1].Tree : group.Epoch.Tree;
            all.Add(GroupEncoding.PastEpoch(past.Context, past.Tree.Width, past.SenderData));
            all.AddRange(Secrets(past.Context.Epoch, past.SecretTree));
            all.AddRange(past.Tree.LeavesThatDifferFrom(after).Select(leaf => GroupEncoding.PastLeaf(past.Context.Epoch, leaf, past.Tree.Leaf(leaf))));
        }

        if (group.Pending is { } pending)
            all.Add(GroupEncoding.PendingCommit(pending));
        return all;
    }

    /// <summary>The keys of proposals and of an own commit that end with the epoch.</summary>
    private static IEnumerable<StateKey> Waiting(GroupMemory group, bool withPending)
    {
        for (var place = 0; place < group.Queue.Waiting.Count; place++)
            yield return GroupEncoding.ProposalKey(group.Epoch.Context.Epoch, place);
        if (withPending || group.Pending is not null)
            yield return GroupEncoding.PendingCommitKey;
    }

    private static void AddPast(GroupMemory group, EpochState next, List<StateRecord> saved, List<StateKey> deleted, MlsLimits limits)
    {
        var old = group.Epoch;
        var epoch = old.Context.Epoch;
        if (limits.PastResumptionPsks > 0)
            saved.Add(GroupEncoding.Resumption(epoch, old.Secrets.Resumption));
        deleted.AddRange(group.Resumption.Keys
            .Take(group.Resumption.Count + 1 - limits.PastResumptionPsks).Select(past => GroupEncoding.ResumptionKey(new Epoch(past))));

        if (limits.PastEpochs > 0)
        {
            saved.Add(GroupEncoding.PastEpoch(old.Context, old.Tree.Width, old.Secrets.SenderData));
            saved.AddRange(old.Tree.LeavesThatDifferFrom(next.Tree).Select(leaf => GroupEncoding.PastLeaf(epoch, leaf, old.Tree.Leaf(leaf))));
        }
        else
        {
            deleted.AddRange(SecretKeys(epoch, old.SecretTree));
        }

        for (var i = 0; i < group.Past.Count + 1 - limits.PastEpochs && i < group.Past.Count; i++)
        {
            var past = group.Past[i];
            var after = i + 1 < group.Past.Count ? group.Past[i + 1].Tree : old.Tree;
            deleted.Add(GroupEncoding.PastEpochKey(past.Context.Epoch));
            deleted.AddRange(SecretKeys(past.Context.Epoch, past.SecretTree));
            deleted.AddRange(past.Tree.LeavesThatDifferFrom(after).Select(leaf => GroupEncoding.PastLeafKey(past.Context.Epoch, leaf)));
        }
    }

    private static IEnumerable<StateRecord> Tree(RatchetTree tree)
    {
        for (var node = 0; node < TreeMath.NodeCount(tree.Width); node++)
        {
            if (tree[node] is { } value)
                yield return GroupEncoding.Node(node, value);
        }
    }

    private static IEnumerable<StateRecord> Secrets(Epoch epoch, SecretTree tree) =>
        tree.Nodes.Select(node => GroupEncoding.SecretNode(epoch, node.Key, node.Value))
            .Concat(tree.Ratchets.Select(ratchets => GroupEncoding.Ratchet(epoch, ratchets.Key, ratchets.Value)));

    private static IEnumerable<StateKey> SecretKeys(Epoch epoch, SecretTree tree) =>
        tree.Nodes.Keys.Select(node => GroupEncoding.SecretNodeKey(epoch, node))
            .Concat(tree.Ratchets.Keys.Select(leaf => GroupEncoding.RatchetKey(epoch, leaf)));
}
