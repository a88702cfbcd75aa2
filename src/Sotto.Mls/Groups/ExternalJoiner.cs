using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>How a client joins by an external commit.</summary>
/// <param name="SigningKey">Its signature key. The application owns it and keeps it as long as the group is in use.</param>
/// <param name="Credential">Who it is.</param>
public sealed record ExternalJoinParameters(SigningKey SigningKey, Credential Credential)
{
    /// <summary>Extensions of its leaf.</summary>
    public ExtensionList LeafExtensions { get; init; } = ExtensionList.Empty;

    /// <summary>An own old leaf that is replaced (a "resync", RFC 9420 §12.4.3.2); null when there is none.</summary>
    public LeafIndex? Replaces { get; init; }

    /// <summary>Pre-shared keys that go into the key schedule.</summary>
    public IReadOnlyList<PreSharedKeyId> Psks { get; init; } = [];

    /// <summary>SelfRemove proposals of this epoch, which are committed too (draft-ietf-mls-extensions).</summary>
    public IReadOnlyList<MlsMessage> SelfRemoves { get; init; } = [];

    /// <summary>The public tree, where the GroupInfo does not have it.</summary>
    public ReadOnlyMemory<byte>? Tree { get; init; }

    /// <summary>What is authenticated beside the commit.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }
}

/// <summary>Joins a group by an external commit (RFC 9420 §12.4.3.2).</summary>
internal sealed class ExternalJoiner(SuiteCrypto crypto, MlsClientOptions options, ExternalJoinParameters parameters)
{
    private readonly LeafValidator _leaves = new(crypto, options);

    public (EpochState Epoch, MlsMessage Commit) Join(GroupInfo groupInfo)
    {
        // The group as its GroupInfo says. A resync is of a group that the client is in.
        Check.That(parameters.Replaces is not null || !options.IsInGroup(groupInfo.Context.GroupId), MlsRule.GroupIdNew);
        var group = VerifiedGroupInfo.Verify(crypto, options, groupInfo, parameters.Tree);
        var externalKey = ExternalPub(group.Info);
        Check.That(parameters.Psks.All(psk => psk is not ResumptionPskId { Usage: not ResumptionUsage.Application }), MlsRule.PskUsage);
        var (listed, removed) = ListProposals(group, externalKey, out var initSecret);
        using var init = initSecret;

        // This client's leaf and path in the tree.
        var tree = group.Tree.Edit();
        foreach (var leaf in removed)
            tree.Remove(leaf);
        if (removed.Count > 0)
            tree.Truncate();
        var place = tree.ReserveLeaf(options.Limits);
        using var path = MakePath(tree, place, group.Info.Context.GroupId);
        _leaves.ValidateOwn(path.Leaf, parameters.Replaces is { } old ? group.Tree.Leaf(old) : null, joins: true);
        var finished = tree.Finish();
        TreeValidator.CheckUniqueKeys(finished);
        LeafValidator.ValidateTogether(finished, group.Info.Context.Extensions);
        var provisional = group.Info.Context.Provisional(finished.RootHash(crypto), group.Info.Context.Extensions);

        // The signed commit and the new epoch.
        var updatePath = path.Encrypt(crypto, finished, new HashSet<int>(), provisional);
        var content = Sign(group.Info.Context, Commit.Create(listed, updatePath));
        using var psks = new PskFinder(options, _ => null).Find(parameters.Psks.Count == 0 ? [] : PskIds(listed));
        var interim = Transcript.Interim(crypto, group.Info.Context.ConfirmedTranscriptHash.Span, group.Info.Content.ConfirmationTag.Span);
        var context = provisional.With(Transcript.Confirmed(crypto, interim, content));
        using var builder = EpochBuilder.Advance(crypto, context, init.Bytes, path.Secrets.CommitSecret.Bytes, psks.Keys);
        var epoch = builder.Build(finished, place, TreePrivateKeys.Of(path.TakePrivateKeys(place)), parameters.SigningKey);
        var message = PublicMessage.Protect(crypto, content with { ConfirmationTag = epoch.ConfirmationTag }, group.Info.Context, default);
        return (epoch, MlsMessage.Of(message));
    }

    private static ReadOnlyMemory<byte> ExternalPub(GroupInfo info)
    {
        if (info.Extensions.Find(ExtensionTypes.ExternalPub) is not { } data)
            throw new MlsException(MlsRule.ExternalPubPresent);
        var reader = new TlsReader(data);
        var key = reader.ReadVector();
        reader.End();
        return key;
    }

    private (List<ProposalOrReference> Listed, List<LeafIndex> Removed) ListProposals(
        VerifiedGroupInfo group, ReadOnlyMemory<byte> externalKey, out Secret initSecret)
    {
        var listed = new List<ProposalOrReference>();
        var removed = new List<LeafIndex>();
        foreach (var message in parameters.SelfRemoves)
        {
            var content = VerifySelfRemove(group, message);
            listed.Add(new ProposalOrReference(null, AuthenticatedContent.ProposalReference(crypto, content.Encode())));
            removed.Add(content.Content.Sender.Leaf);
        }

        if (parameters.Replaces is { } old)
        {
            Check.That(group.Tree.Leaf(old) is not null, MlsRule.RemovedLeafOccupied);
            listed.Add(new ProposalOrReference(new RemoveProposal(old), default));
            removed.Add(old);
        }

        Check.That(removed.Distinct().Count() == removed.Count, MlsRule.OneChangePerLeaf);
        Check.That(parameters.SelfRemoves.Count == 0 || AllStaySupport(group, removed, ProposalTypes.SelfRemove), MlsRule.ProposalTypeSupported);
        foreach (var psk in parameters.Psks)
            listed.Add(new ProposalOrReference(new PreSharedKeyProposal(psk with { Nonce = crypto.RandomBytes(crypto.HashLength) }), default));
        var init = Check.Usable(() => ExternalInit.Send(crypto, externalKey.Span), MlsRule.UsableExternalPub);
        initSecret = init.Exported;
        listed.Add(new ProposalOrReference(new ExternalInitProposal(init.Encapsulation), default));
        return (listed, removed);
    }

    private static bool AllStaySupport(VerifiedGroupInfo group, List<LeafIndex> removed, ushort proposalType) =>
        group.Tree.Leaves().All(leaf => removed.Contains(leaf.Index) || leaf.Leaf.Capabilities.SupportsProposal(proposalType));

    private AuthenticatedContent VerifySelfRemove(VerifiedGroupInfo group, MlsMessage message)
    {
        if (message.PublicMessage?.Content is not { Content: { Body: ProposalBody { Proposal: SelfRemoveProposal }, Sender.Type: SenderType.Member } } content)
            throw new MlsException(MlsRule.SelfRemoveMessage);
        Check.That(content.Content.GroupId == group.Info.Context.GroupId, MlsRule.GroupIdMatches);
        Check.That(content.Content.Epoch == group.Info.Context.Epoch, MlsRule.CurrentEpoch);
        var signer = group.Tree.Leaf(content.Content.Sender.Leaf) ?? throw new MlsException(MlsRule.SenderLeafOccupied);
        return VerifiedContent.Verify(crypto, content, signer.SignatureKey, group.Info.Context).Authenticated;
    }

    private RenewedPath MakePath(TreeEditor tree, LeafIndex place, GroupId group)
    {
        var steps = tree.FilteredDirectPath(place);
        var (secrets, parentHash) = TreeKem.Refresh(crypto, tree, place);
        var key = crypto.Hpke.GeneratePrivateKey();
        var content = new LeafNodeContent(
            crypto.Hpke.PublicKey(key.Bytes), parameters.SigningKey.PublicKey.ToArray(), parameters.Credential,
            OwnLeafMaker.CapabilitiesFor(crypto, options, parameters.LeafExtensions), LeafNodeSource.Commit, default, parentHash, parameters.LeafExtensions);
        var leaf = LeafNode.Sign(content, parameters.SigningKey, group, place);
        tree.SetLeaf(place, leaf);
        return new RenewedPath(steps, secrets, key, leaf);
    }

    private AuthenticatedContent Sign(GroupContext context, Commit commit)
    {
        var sender = new Sender(SenderType.NewMemberCommit, 0);
        var content = new FramedContent(context.GroupId, context.Epoch, sender, parameters.AuthenticatedData, new CommitBody(commit));
        return AuthenticatedContent.Sign(WireFormat.PublicMessage, content, parameters.SigningKey, context);
    }

    private static IEnumerable<PreSharedKeyId> PskIds(List<ProposalOrReference> listed) =>
        listed.Select(proposal => proposal.Proposal).OfType<PreSharedKeyProposal>().Select(proposal => proposal.Psk);
}
