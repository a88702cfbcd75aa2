using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>Follows a commit of somebody else (RFC 9420 §12.4.2). The group is only read.</summary>
internal sealed class CommitProcessor(EpochState group, MlsClientOptions options, ProposalQueue queue, PskFinder psks)
{
    private readonly LeafValidator _leaves = new(group.Crypto, options);

    public CommitOutcome Process(VerifiedContent verified)
    {
        var sender = verified.Content.Sender;
        var commit = ((CommitBody)verified.Content.Body).Commit;
        var joins = sender.Type == SenderType.NewMemberCommit;

        // The proposals, and whether they go together.
        var list = queue.Resolve(commit, sender);
        var validator = new ProposalListValidator(group, options, list);
        if (joins)
            validator.ValidateExternal();
        else
            validator.ValidateRegular(sender.Leaf, linking: null, now: null);
        Check.That(commit.Path is not null || !list.NeedsPath, MlsRule.PathRequired);

        // The tree after the proposals and the committer's path.
        var applied = ProposalApplication.Apply(group, list, options.Limits);
        var committer = joins ? applied.Tree.ReserveLeaf(options.Limits) : sender.Leaf;
        var steps = commit.Path is null ? [] : MergePath(commit.Path, applied, committer, joins, list);
        var tree = applied.Tree.Finish();
        var provisional = group.Context.Provisional(tree.RootHash(group.Crypto), applied.Extensions);
        TreeValidator.CheckUniqueKeys(tree);
        LeafValidator.ValidateTogether(tree, applied.Extensions);

        var view = new CommitView(
            group, new GroupAfterCommit(provisional, tree), sender, committer, list.All, commit.Path is not null, verified.Content.AuthenticatedData);
        Check.That(options.Policy.Allows(view), MlsRule.CommitAllowed);
        if (list.Removed.Contains(group.Own))
            return new CommitOutcome(view, list, null);

        var keys = group.PrivateKeys.In(tree, OwnUpdate(list));
        try
        {
            return new CommitOutcome(view, list, EnterEpoch(verified, commit, list, tree, provisional, steps, applied.AddedNodes, keys));
        }
        catch
        {
            keys.DisposeWhatIsNotIn(group.PrivateKeys);
            throw;
        }
    }

    private List<PathStep> MergePath(UpdatePath path, ProposalApplication applied, LeafIndex committer, bool joins, ProposalList list)
    {
        var replaced = joins ? ReplacedByJoiner(list) : applied.Tree.Leaf(committer);
        _leaves.ValidateCommit(path.LeafNode, replaced, group.Context.GroupId, committer, joins);
        foreach (var node in path.Nodes)
            group.Crypto.RequirePublicKey(node.EncryptionKey, MlsRule.UsablePathKey);
        CheckKeysAreNew(path, applied.Tree);

        var steps = applied.Tree.FilteredDirectPath(committer);
        TreeKem.Merge(group.Crypto, applied.Tree, committer, path, steps, applied.AddedNodes);
        return steps;
    }

    /// <summary>The old leaf of who joins, which only a Remove names; SelfRemoves in the same commit are of others (§12.2).</summary>
    private LeafNode? ReplacedByJoiner(ProposalList list) =>
        list.All.Select(sent => sent.Proposal).OfType<RemoveProposal>().FirstOrDefault() is { } remove ? group.Tree.Leaf(remove.Removed) : null;

    /// <summary>None of the path's keys is in the tree that it is merged into (§12.4.2).</summary>
    private static void CheckKeysAreNew(UpdatePath path, NodeArray tree)
    {
        var brought = new HashSet<ReadOnlyMemory<byte>>(TreeValidator.KeyComparer.Instance) { path.LeafNode.EncryptionKey };
        Check.That(path.Nodes.All(node => brought.Add(node.EncryptionKey)), MlsRule.PathKeysNew);
        var hashes = brought.Select(key => key.ContentHash()).ToHashSet();
        for (var node = 0; node < TreeMath.NodeCount(tree.Width); node++)
        {
            if (tree[node] is { } present && hashes.Contains(present.EncryptionKeyHash))
                Check.That(!brought.Contains(present.EncryptionKey), MlsRule.PathKeysNew);
        }
    }

    private IEnumerable<KeyValuePair<int, NodeKey>> OwnUpdate(ProposalList list)
    {
        foreach (var (leaf, update, sent) in list.Updates)
        {
            if (leaf == group.Own && queue.OwnLeafKey(sent) is { } key)
                yield return new(group.Own.Node, new NodeKey(Secret.CopyOf(key.Bytes), update.LeafNode.EncryptionKey));
        }
    }

    private EpochState EnterEpoch(
        VerifiedContent verified, Commit commit, ProposalList list, RatchetTree tree, GroupContext provisional,
        List<PathStep> steps, IReadOnlySet<int> added, TreePrivateKeys keys)
    {
        var crypto = group.Crypto;
        using var path = commit.Path is null
            ? null
            : TreeKem.Follow(crypto, tree, commit.Path, steps, added, group.Own, keys, provisional);
        using var noPath = path is null ? Secret.Create(crypto.HashLength, out _) : null;
        using var externalInit = list.ExternalInits.Count == 0
            ? null
            : ExternalInit.Receive(crypto, group.Secrets, list.ExternalInits[0].KemOutput);
        using var found = psks.Find(list.Psks.Select(psk => psk.Psk));

        var context = provisional.With(verified.ConfirmedTranscriptHash(crypto, group.InterimTranscriptHash));
        using var builder = EpochBuilder.Advance(
            crypto, context, (externalInit ?? group.Secrets.Init).Bytes, (path?.CommitSecret ?? noPath!).Bytes, found.Keys);
        var tag = verified.Authenticated.ConfirmationTag!.Value;
        Check.That(
            System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(builder.ConfirmationTag, tag.Span), MlsRule.ConfirmationTag);
        var signingKey = SigningKeyOf(tree.Leaf(group.Own)!);
        return builder.Build(tree, group.Own, keys.In(tree, path?.TakePrivateKeys() ?? []), signingKey);
    }

    /// <summary>The own leaf has another signature key when an own Update that changes it was committed.</summary>
    private SigningKey SigningKeyOf(LeafNode ownLeaf)
    {
        if (ownLeaf.SignatureKey.Span.SequenceEqual(group.SigningKey.PublicKey))
            return group.SigningKey;
        return options.SignatureKeys(ownLeaf.SignatureKey)
            ?? throw new InvalidOperationException("The application does not give the signature key that its own update brought.");
    }
}
