using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>The proposals of a commit, each with its sender, in the order of the commit and by kind.</summary>
internal sealed class ProposalList(IReadOnlyList<SentProposal> all)
{
    public IReadOnlyList<SentProposal> All { get; } = all;

    public IReadOnlyList<AddProposal> Adds { get; } = [.. Of<AddProposal>(all)];

    /// <summary>Updates, with the leaf that each replaces.</summary>
    public IReadOnlyList<(LeafIndex Leaf, UpdateProposal Update, SentProposal Sent)> Updates { get; } =
        [.. all.Where(sent => sent.Proposal is UpdateProposal).Select(sent => (sent.Sender.Leaf, (UpdateProposal)sent.Proposal, sent))];

    /// <summary>The leaves that go, by Remove or by SelfRemove.</summary>
    public IReadOnlyList<LeafIndex> Removed { get; } =
    [
        .. all.Where(sent => sent.Proposal is SelfRemoveProposal).Select(sent => sent.Sender.Leaf),
        .. Of<RemoveProposal>(all).Select(remove => remove.Removed),
    ];

    public IReadOnlyList<PreSharedKeyProposal> Psks { get; } = [.. Of<PreSharedKeyProposal>(all)];

    public IReadOnlyList<GroupContextExtensionsProposal> GroupContextExtensions { get; } = [.. Of<GroupContextExtensionsProposal>(all)];

    public IReadOnlyList<ExternalInitProposal> ExternalInits { get; } = [.. Of<ExternalInitProposal>(all)];

    public ReInitProposal? ReInit { get; } = Of<ReInitProposal>(all).FirstOrDefault();

    /// <summary>Whether the commit must have a path (§12.4).</summary>
    public bool NeedsPath => All.Count == 0 || All.Any(sent => sent.Proposal.NeedsPath);

    private static IEnumerable<T> Of<T>(IReadOnlyList<SentProposal> all)
        where T : Proposal => all.Select(sent => sent.Proposal).OfType<T>();
}
