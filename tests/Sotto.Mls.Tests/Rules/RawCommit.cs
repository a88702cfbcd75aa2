using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>What a path is encrypted with, for hooks that encrypt something else.</summary>
internal sealed record PathWork(RatchetTree Tree, GroupContext Provisional, PathSecrets Secrets, IReadOnlyList<PathStep> Steps);

/// <summary>
/// A commit step by step (RFC 9420 §12.4.1), with a hook at each step for who wants to do it in another way. What comes
/// after a step is right for what the step gave. Without hooks it is a commit that everybody accepts.
/// </summary>
internal sealed class RawCommit(MlsGroup group, Person author)
{
    private readonly EpochState _epoch = group.Current;
    private readonly SuiteCrypto _crypto = group.Current.Crypto;

    /// <summary>The proposals as they are listed.</summary>
    public IReadOnlyList<ProposalOrReference> Listed { get; init; } = [];

    /// <summary>Proposals by value, which stand before <see cref="Listed"/>.</summary>
    public IReadOnlyList<Proposal> Proposals { get; init; } = [];

    /// <summary>What takes effect in tree and keys; null for what is listed. For lists that cannot take effect.</summary>
    public IReadOnlyList<Proposal>? Effective { get; init; }

    public bool WithPath { get; init; } = true;

    /// <summary>Whether the author joins by it, in which case the group is a member's.</summary>
    public bool Joins { get; init; }

    /// <summary>How many ExternalInits the commit of who joins lists.</summary>
    public int ExternalInits { get; init; } = 1;

    public Func<ExternalInitProposal, ExternalInitProposal> Init { get; init; } = init => init;

    public Func<IReadOnlyList<ReadOnlyMemory<byte>>, IReadOnlyList<ReadOnlyMemory<byte>>> PathKeys { get; init; } = keys => keys;

    public Func<LeafNodeContent, LeafNodeContent> Leaf { get; init; } = leaf => leaf;

    /// <summary>The key that signs leaf and, for who joins, commit; null for the author's.</summary>
    public SigningKey? LeafKey { get; init; }

    public GroupId? LeafGroup { get; init; }

    public LeafIndex? LeafPlace { get; init; }

    public Func<IReadOnlyList<UpdatePathNode>, PathWork, IReadOnlyList<UpdatePathNode>> Nodes { get; init; } = (nodes, _) => nodes;

    public Func<Commit, ContentBody> Body { get; init; } = commit => new CommitBody(commit);

    public Func<FramedContent, FramedContent> Content { get; init; } = content => content;

    public Func<AuthenticatedContent, AuthenticatedContent> Signed { get; init; } = signed => signed;

    public Func<byte[], byte[]> ConfirmationTag { get; init; } = tag => tag;

    public bool Encrypt { get; init; }

    public MlsMessage Make()
    {
        // Proposals.
        var sender = Joins ? new Sender(SenderType.NewMemberCommit, 0) : Sender.Member(_epoch.Own);
        var init = Joins ? InitSecret() : (HpkeExport?)null;
        using var initSecret = init?.Exported;
        IReadOnlyList<ProposalOrReference> listed =
        [
            .. Proposals.Select(ByValue),
            .. Listed,
            .. Enumerable.Range(0, init is null ? 0 : ExternalInits).Select(_ => ByValue(Init(new ExternalInitProposal(init!.Value.Encapsulation)))),
        ];
        var list = Effective is null
            ? group.Memory.Queue.Resolve(Commit.Create(listed, null), sender)
            : new ProposalList([.. Effective.Select(proposal => new SentProposal(proposal, sender, ByReference: false))]);
        var applied = ProposalApplication.Apply(_epoch, list, author.Options.Limits);
        var committer = Joins ? applied.Tree.ReserveLeaf(author.Options.Limits) : _epoch.Own;

        // Path.
        var steps = applied.Tree.FilteredDirectPath(committer);
        using var secrets = PathSecrets.Derive(_crypto, steps, _crypto.RandomSecret());
        var keys = PathKeys([.. secrets.PublicKeys.Select(key => new ReadOnlyMemory<byte>(key))]);
        var leaf = WithPath ? SetPath(applied.Tree, committer, steps, keys) : null;
        var tree = applied.Tree.Finish();
        var provisional = _epoch.Context.Provisional(tree.RootHash(_crypto), applied.Extensions);
        var path = leaf is null ? null : new UpdatePath(leaf, EncryptPath(tree, steps, secrets, keys, applied, provisional));

        // Signature and tags.
        var body = Body(Commit.Create(listed, path));
        var message = new RawMessage(group, Joins ? LeafKey ?? author.SigningKey : author.SigningKey)
        {
            Content = content => Content(content with { Sender = sender }),
            Signed = Signed,
        };
        var signed = message.Sign(Encrypt ? WireFormat.PrivateMessage : WireFormat.PublicMessage, body);
        using var psks = new PskFinder(author.Options, psk => group.FindResumptionPsk(psk.Epoch)).Find(list.Psks.Select(psk => psk.Psk));
        using var noPath = Secret.Create(_crypto.HashLength, out _);
        using var builder = EpochBuilder.Advance(
            _crypto, provisional.With(Transcript.Confirmed(_crypto, _epoch.InterimTranscriptHash, signed)), (initSecret ?? _epoch.Secrets.Init).Bytes,
            (path is null ? noPath : secrets.CommitSecret).Bytes, psks.Keys);
        signed = signed with { ConfirmationTag = ConfirmationTag(builder.ConfirmationTag) };
        return Encrypt ? message.Private(signed) : message.Public(signed);
    }

    private static ProposalOrReference ByValue(Proposal proposal) => new(proposal, default);

    private HpkeExport InitSecret()
    {
        using var key = _epoch.Secrets.ExternalPrivateKey(_crypto);
        return ExternalInit.Send(_crypto, _crypto.Hpke.PublicKey(key.Bytes));
    }

    private LeafNode SetPath(TreeEditor tree, LeafIndex committer, List<PathStep> steps, IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        var parentHash = TreeKem.SetPath(_crypto, tree, committer, steps, keys);
        using var leafKey = _crypto.Hpke.GeneratePrivateKey();
        var content = Leaf(new LeafNodeContent(
            _crypto.Hpke.PublicKey(leafKey.Bytes), (LeafKey ?? author.SigningKey).PublicKey.ToArray(), author.Credential,
            author.Options.Capabilities, LeafNodeSource.Commit, default, parentHash, Extensions.ExtensionList.Empty));
        var leaf = LeafNode.Sign(content, LeafKey ?? author.SigningKey, LeafGroup ?? group.GroupId, LeafPlace ?? committer);
        tree.SetLeaf(committer, leaf);
        return leaf;
    }

    private IReadOnlyList<UpdatePathNode> EncryptPath(
        RatchetTree tree, List<PathStep> steps, PathSecrets secrets, IReadOnlyList<ReadOnlyMemory<byte>> keys, ProposalApplication applied, GroupContext provisional)
    {
        var nodes = TreeKem.Encrypt(_crypto, tree, steps, secrets, applied.AddedNodes, provisional);
        return Nodes([.. nodes.Select((node, i) => node with { EncryptionKey = keys[i] })], new PathWork(tree, provisional, secrets, steps));
    }
}
