using Sotto.Mls.Extensions;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>Whether the proposals of a commit may take effect together (RFC 9420 §12.2).</summary>
/// <param name="group">The group before the commit.</param>
/// <param name="options">The application's hooks and limits.</param>
/// <param name="list">The proposals.</param>
internal sealed class ProposalListValidator(EpochState group, MlsClientOptions options, ProposalList list)
{
    private readonly LeafValidator _leaves = new(group.Crypto, options);

    /// <summary>The rules for a commit of a member.</summary>
    /// <param name="committer">The committer's leaf.</param>
    /// <param name="linking">The usage that a resumption PSK may have here besides <see cref="ResumptionUsage.Application"/>.</param>
    /// <param name="now">For who makes the commit: the added leaves must be valid at this time. Null for the others.</param>
    public void ValidateRegular(LeafIndex committer, ResumptionUsage? linking, DateTimeOffset? now)
    {
        ValidateCommon(linking);
        Check.That(list.ExternalInits.Count == 0, MlsRule.ExternalInitOnlyFromOutside);
        Check.That(list.Updates.All(update => update.Leaf != committer), MlsRule.CommitterDoesNotUpdate);
        Check.That(list.Removed.All(leaf => leaf != committer), MlsRule.CommitterNotRemoved);
        Check.That(list.ReInit is null || list.All.Count == 1, MlsRule.ReInitAlone);
        Check.That(list.GroupContextExtensions.Count <= 1, MlsRule.OneGroupContextExtensions);
        ValidateExternalSenders();
        ValidateUpdates();
        ValidateAdds(now);
    }

    /// <summary>The rules for a commit by which its sender joins (§12.2, §12.4.3.2).</summary>
    public void ValidateExternal()
    {
        ValidateCommon(null);
        Check.That(list.ExternalInits.Count == 1, MlsRule.OneExternalInit);
        Check.That(list.All.Count(sent => sent.Proposal is RemoveProposal) <= 1, MlsRule.ExternalCommitRemovesOne);
        Check.That(list.All.All(sent => !sent.ByReference || sent.Proposal is SelfRemoveProposal), MlsRule.ExternalCommitByValue);
        Check.That(
            list.All.All(sent => sent.Proposal is ExternalInitProposal or RemoveProposal or PreSharedKeyProposal or SelfRemoveProposal),
            MlsRule.ExternalCommitProposals);
    }

    /// <summary>
    /// What a proposal must be by itself when it arrives apart from a commit (§12.1). What depends on the others of its
    /// commit is not judged yet: a client that is added again may be removed by the same commit.
    /// </summary>
    public static void ValidateSent(EpochState group, MlsClientOptions options, SentProposal sent)
    {
        var validator = new ProposalListValidator(group, options, new ProposalList([sent]));
        validator.ValidateEach(linking: null);
        validator.ValidateExternalSenders();
        validator.ValidateUpdates();
        validator.ValidateAdded(null);
        Check.That(sent.Proposal is not ExternalInitProposal, MlsRule.ExternalInitOnlyFromOutside);
        if (sent.Proposal is GroupContextExtensionsProposal replaces)
            LeafValidator.ReadGroupExtensions(replaces.Extensions);
    }

    private void ValidateCommon(ResumptionUsage? linking)
    {
        Check.That(list.All.Count <= options.Limits.Proposals, MlsRule.ProposalCount);
        ValidateEach(linking);
        ValidateTogether();
    }

    /// <summary>What holds of each proposal, whatever else is in the list.</summary>
    private void ValidateEach(ResumptionUsage? linking)
    {
        foreach (var leaf in list.Removed)
            Check.That(group.Tree.Leaf(leaf) is not null, MlsRule.RemovedLeafOccupied);
        foreach (var psk in list.Psks)
        {
            Check.That(psk.Psk.Nonce.Length == group.Crypto.HashLength, MlsRule.PskNonceLength);
            Check.That(
                psk.Psk is not ResumptionPskId { Usage: not ResumptionUsage.Application } resumption || resumption.Usage == linking,
                MlsRule.PskUsage);
        }

        Check.That(list.ReInit is null || list.ReInit.Version >= ProtocolVersion.Mls10, MlsRule.ReInitVersion);
        Check.That(list.All.All(sent => sent.Proposal is not SelfRemoveProposal || sent.ByReference), MlsRule.SelfRemoveByReference);
    }

    private void ValidateTogether()
    {
        var changed = new HashSet<LeafIndex>();
        Check.That(list.Removed.All(changed.Add) && list.Updates.All(update => changed.Add(update.Leaf)), MlsRule.OneChangePerLeaf);
        var seen = new HashSet<PreSharedKeyId>();
        Check.That(list.Psks.All(psk => seen.Add(psk.Psk)), MlsRule.PsksDiffer);
        var special = list.All.Select(sent => sent.Proposal.Type).Where(type => !ProposalTypes.IsDefault(type)).Distinct().ToList();
        if (special.Count > 0)
            Check.That(MembersThatStay().All(leaf => special.TrueForAll(leaf.Capabilities.SupportsProposal)), MlsRule.ProposalTypeSupported);
    }

    private void ValidateExternalSenders()
    {
        if (list.GroupContextExtensions.Count == 0)
            return;
        var senders = ExternalSender.From(list.GroupContextExtensions[0].Extensions);
        var known = ExternalSender.From(group.Context.Extensions);
        Check.That(senders.All(sender => known.Contains(sender) || options.Authentication.IsValidSender(sender)), MlsRule.ExternalSenderCredential);
    }

    private void ValidateUpdates()
    {
        foreach (var (leaf, update, _) in list.Updates)
        {
            if (group.Tree.Leaf(leaf) is not { } replaced)
                throw new MlsException(MlsRule.SenderLeafOccupied);
            _leaves.ValidateUpdate(update.LeafNode, replaced, group.Context.GroupId, leaf);
        }
    }

    private void ValidateAdds(DateTimeOffset? now)
    {
        ValidateAdded(now);
        if (list.Adds.Count > 0)
            ValidateClients();
    }

    private void ValidateAdded(DateTimeOffset? now)
    {
        var unverified = list.Adds.Where(add => !add.IsVerified).ToList();
        Cores.ForEach(unverified.Count, i => VerifiedKeyPackage.Verify(group.Crypto, _leaves, unverified[i].KeyPackage, now));
        if (now is { } time)
            Check.That(list.Adds.All(add => add.KeyPackage.LeafNode.Lifetime?.Contains(time) == true), MlsRule.LifetimeNow);
        Check.That(list.Adds.All(add => add.KeyPackage.CipherSuite == group.Crypto.Suite.Id), MlsRule.KeyPackageSuite);
    }

    private void ValidateClients()
    {
        var present = new ClientSet(options.Authentication);
        foreach (var leaf in MembersThatStay())
            present.Add(leaf);
        var added = new ClientSet(options.Authentication);
        foreach (var add in list.Adds)
        {
            Check.That(!present.Contains(add.KeyPackage.LeafNode), MlsRule.AddedClientIsNew);
            Check.That(added.Add(add.KeyPackage.LeafNode), MlsRule.AddedClientsDiffer);
        }
    }

    private IEnumerable<LeafNode> MembersThatStay()
    {
        var removed = list.Removed.ToHashSet();
        return group.Tree.Leaves().Where(leaf => !removed.Contains(leaf.Index)).Select(leaf => leaf.Leaf);
    }
}
