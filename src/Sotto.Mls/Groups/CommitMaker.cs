using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>A commit that was made and not sent: its content, what it does, and what new members get.</summary>
internal sealed record MadeCommit(AuthenticatedContent Content, CommitOutcome Outcome, Welcome? Welcome);

/// <summary>Makes a commit (RFC 9420 §12.4.1). The group is only read.</summary>
internal sealed class CommitMaker(EpochState group, MlsClientOptions options, PskFinder psks)
{
    private readonly SuiteCrypto _crypto = group.Crypto;
    private readonly LeafValidator _leaves = new(group.Crypto, options);

    /// <summary>Which usage a resumption PSK may have besides the application's; set when this group is linked to another one.</summary>
    public ResumptionUsage? Linking { get; init; }

    /// <summary>Makes a member's commit.</summary>
    /// <param name="parameters">What it does.</param>
    /// <param name="listed">The proposals as the commit lists them, by value or by reference.</param>
    /// <param name="list">The same proposals with their senders.</param>
    /// <param name="now">The time at which added leaves must be valid.</param>
    public MadeCommit Make(CommitParameters parameters, IReadOnlyList<ProposalOrReference> listed, ProposalList list, DateTimeOffset now)
    {
        // The proposals, and whether they go together.
        new ProposalListValidator(group, options, list).ValidateRegular(group.Own, Linking, now);
        var applied = ProposalApplication.Apply(group, list, options.Limits);
        var withPath = parameters.ForcePath || list.NeedsPath || parameters.Leaf != LeafChange.None
            || (list.Adds.Count > 0 && !parameters.HasOrdinaryWelcome);

        // The committer's path in the new tree.
        using var path = withPath ? RenewPath(applied, parameters.Leaf) : null;
        if (path is not null)
            _leaves.ValidateOwn(path.Leaf, group.OwnLeaf, joins: false);
        var tree = applied.Tree.Finish();
        var provisional = group.Context.Provisional(tree.RootHash(_crypto), applied.Extensions);
        CheckResult(tree, applied.Extensions);
        var view = new CommitView(
            group, new GroupAfterCommit(provisional, tree), Sender.Member(group.Own), group.Own, list.All, withPath, parameters.AuthenticatedData);
        Check.That(options.Policy.Allows(view), MlsRule.CommitAllowed);

        // The signed commit.
        var updatePath = path?.Encrypt(_crypto, tree, applied.AddedNodes, provisional);
        var content = Sign(parameters, Commit.Create(listed, updatePath));

        // The new epoch, and the Welcome into it.
        using var found = psks.Find(list.Psks.Select(psk => psk.Psk));
        using var noPath = path is null ? Secret.Create(_crypto.HashLength, out _) : null;
        var context = provisional.With(Transcript.Confirmed(_crypto, group.InterimTranscriptHash, content));
        using var builder = EpochBuilder.Advance(
            _crypto, context, group.Secrets.Init.Bytes, (path?.Secrets.CommitSecret ?? noPath!).Bytes, found.Keys);
        var signingKey = parameters.Leaf.SigningKey ?? group.SigningKey;
        var welcome = applied.Added.Count == 0
            ? null
            : new WelcomeMaker(_crypto, builder, tree, signingKey, group.Own).Make(parameters, applied.Added, path?.Secrets, list.Psks);
        var next = builder.Build(tree, group.Own, group.PrivateKeys.In(tree, path?.TakePrivateKeys(group.Own) ?? []), signingKey);
        return new MadeCommit(content with { ConfirmationTag = next.ConfirmationTag }, new CommitOutcome(view, list, next), welcome);
    }

    private RenewedPath RenewPath(ProposalApplication applied, LeafChange change)
    {
        var steps = applied.Tree.FilteredDirectPath(group.Own);
        var (secrets, parentHash) = TreeKem.Refresh(_crypto, applied.Tree, group.Own);
        var leafKey = _crypto.Hpke.GeneratePrivateKey();
        var leaf = OwnLeafMaker.Renew(
            _crypto, options, group.OwnLeaf, group.SigningKey, change, LeafNodeSource.Commit,
            _crypto.Hpke.PublicKey(leafKey.Bytes), parentHash, group.Context.GroupId, group.Own);
        applied.Tree.SetLeaf(group.Own, leaf);
        return new RenewedPath(steps, secrets, leafKey, leaf);
    }

    private static void CheckResult(RatchetTree tree, ExtensionList extensions)
    {
        TreeValidator.CheckUniqueKeys(tree);
        LeafValidator.ValidateTogether(tree, extensions);
    }

    private AuthenticatedContent Sign(CommitParameters parameters, Commit commit)
    {
        var content = new FramedContent(
            group.Context.GroupId, group.Context.Epoch, Sender.Member(group.Own), parameters.AuthenticatedData, new CommitBody(commit));
        var format = parameters.Encrypt ? WireFormat.PrivateMessage : WireFormat.PublicMessage;
        return AuthenticatedContent.Sign(format, content, group.SigningKey, group.Context);
    }
}

/// <summary>A committer's new keys before they are encrypted to the others. The owner disposes it.</summary>
internal sealed class RenewedPath(List<PathStep> steps, PathSecrets secrets, Secret leafKey, LeafNode leaf) : IDisposable
{
    private bool _keysTaken;

    public PathSecrets Secrets { get; } = secrets;

    public LeafNode Leaf { get; } = leaf;

    public UpdatePath Encrypt(SuiteCrypto crypto, NodeArray tree, IReadOnlySet<int> added, GroupContext provisional) =>
        new(Leaf, TreeKem.Encrypt(crypto, tree, steps, Secrets, added, provisional));

    /// <summary>Gives the private keys of leaf and path away.</summary>
    public IEnumerable<KeyValuePair<int, NodeKey>> TakePrivateKeys(LeafIndex own)
    {
        _keysTaken = true;
        return [new(own.Node, new NodeKey(leafKey, Leaf.EncryptionKey)), .. Secrets.TakePrivateKeys()];
    }

    public void Dispose()
    {
        Secrets.Dispose();
        if (!_keysTaken)
            leafKey.Dispose();
    }
}
