using Sotto.Mls.Framing;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>A proposal that was sent by itself in this epoch and waits for a commit. The owner disposes it.</summary>
/// <param name="Reference">How a commit names it.</param>
/// <param name="Sent">The proposal and its sender.</param>
/// <param name="Encoded">The AuthenticatedContent that it came in.</param>
/// <param name="OwnLeafKey">The private key of the leaf that an own Update brings; null for all others.</param>
internal sealed record QueuedProposal(byte[] Reference, SentProposal Sent, byte[] Encoded, Secret? OwnLeafKey) : IDisposable
{
    public static QueuedProposal Of(SuiteCrypto crypto, AuthenticatedContent content, Secret? ownLeafKey)
    {
        var encoded = content.Encode();
        var sent = new SentProposal(((ProposalBody)content.Content.Body).Proposal, content.Content.Sender, ByReference: true);
        return new QueuedProposal(AuthenticatedContent.ProposalReference(crypto, encoded), sent, encoded, ownLeafKey);
    }

    public void Dispose() => OwnLeafKey?.Dispose();
}

/// <summary>The proposals of the current epoch that wait for a commit, in the order of their arrival (RFC 9420 §12.1).</summary>
internal sealed class ProposalQueue
{
    private readonly List<QueuedProposal> _waiting = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, QueuedProposal> _byReference = new(TreeValidator.KeyComparer.Instance);

    private readonly Dictionary<Sender, int> _bySender = [];

    public IReadOnlyList<QueuedProposal> Waiting => _waiting;

    /// <summary>Adds one; the same one again changes nothing.</summary>
    public void Add(QueuedProposal proposal)
    {
        if (!_byReference.TryAdd(proposal.Reference, proposal))
            return;
        _waiting.Add(proposal);
        _bySender[proposal.Sent.Sender] = CountOf(proposal.Sent.Sender) + 1;
    }

    /// <summary>How many of a sender wait.</summary>
    public int CountOf(Sender sender) => _bySender.GetValueOrDefault(sender);

    public bool Contains(ReadOnlyMemory<byte> reference) => _byReference.ContainsKey(reference);

    /// <summary>Ends all of them.</summary>
    public void Clear()
    {
        foreach (var proposal in _waiting)
            proposal.Dispose();
        _waiting.Clear();
        _byReference.Clear();
        _bySender.Clear();
    }

    /// <summary>The proposals that a commit lists, with their senders.</summary>
    /// <exception cref="MlsException">It names one that is not here.</exception>
    public ProposalList Resolve(Commit commit, Sender committer) => new([.. commit.Proposals.Select(proposal => Resolve(proposal, committer))]);

    /// <summary>The key of the leaf that an own Update brings; null when this client did not send it.</summary>
    public Secret? OwnLeafKey(SentProposal update) => _waiting.Find(waiting => ReferenceEquals(waiting.Sent, update))?.OwnLeafKey;

    private SentProposal Resolve(ProposalOrReference proposal, Sender committer)
    {
        if (proposal.Proposal is not null)
            return new SentProposal(proposal.Proposal, committer, ByReference: false);
        if (!_byReference.TryGetValue(proposal.Reference, out var waiting))
            throw new MlsException(MlsRule.ProposalKnown);
        return waiting.Sent;
    }
}
