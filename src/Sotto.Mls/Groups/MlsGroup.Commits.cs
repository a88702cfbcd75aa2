using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.State;

namespace Sotto.Mls.Groups;

public sealed partial class MlsGroup
{
    /// <summary>
    /// Makes a commit (RFC 9420 §12.4.1). Merged, it is the group's pending commit; the group is in the same epoch until
    /// the delivery service accepts it.
    /// </summary>
    /// <param name="parameters">What the commit does; null for new own keys and the waiting proposals.</param>
    /// <param name="now">The time at which added KeyPackages must be valid.</param>
    /// <returns>A commit that the caller stores, merges and disposes.</returns>
    /// <exception cref="ArgumentException">The own leaf is to have a key of another algorithm than the suite's, or what the client does not support.</exception>
    /// <exception cref="MlsException">The commit would break a rule.</exception>
    /// <exception cref="InvalidOperationException">The group has ended, or a commit is pending already.</exception>
    public PreparedCommit PrepareCommit(CommitParameters? parameters, DateTimeOffset now) =>
        PrepareCommit(parameters ?? new CommitParameters(), now, old: null, usage: null);

    /// <summary>
    /// Makes the first commit of a group that continues another one which was ended by a ReInit (RFC 9420 §11.2), or that
    /// branches off another one (§11.3): it adds the members and carries the old group's resumption PSK.
    /// </summary>
    /// <param name="old">The other group.</param>
    /// <param name="usage"><see cref="ResumptionUsage.ReInit"/> or <see cref="ResumptionUsage.Branch"/>.</param>
    /// <param name="parameters">What the commit does besides; the PSK is added to it.</param>
    /// <param name="now">The time at which added KeyPackages must be valid.</param>
    /// <returns>A commit that the caller stores, merges and disposes.</returns>
    /// <exception cref="MlsException">The commit would break a rule.</exception>
    /// <exception cref="InvalidOperationException">This group is not new, or not what the old group's ReInit says.</exception>
    public PreparedCommit PrepareLinkedCommit(MlsGroup old, ResumptionUsage usage, CommitParameters parameters, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(parameters);
        if (Epoch.Value != 0 || usage == ResumptionUsage.Application)
            throw new InvalidOperationException("Only the first commit of a group links it to another one.");
        if (usage == ResumptionUsage.ReInit && (old.ReInit is not { } reInit || !reInit.IsFor(Context)))
            throw new InvalidOperationException("The group is not the one that the old group's ReInit describes.");
        if (usage == ResumptionUsage.Branch && old.Context.CipherSuite != Context.CipherSuite)
            throw new InvalidOperationException("A subgroup has the suite of the group that it comes from.");

        var link = new PreSharedKeyProposal(new ResumptionPskId(usage, old.GroupId, old.Epoch));
        return PrepareCommit(parameters with { Proposals = [.. parameters.Proposals, link] }, now, old, usage);
    }

    /// <summary>
    /// Enters the epoch of the pending commit, for a delivery service that answers instead of sending the commit back.
    /// </summary>
    /// <returns>A change that the caller stores, merges and disposes.</returns>
    /// <exception cref="InvalidOperationException">No commit is pending.</exception>
    public ReceivedCommit PrepareMergeOfPending()
    {
        RequireActive();
        return ReceiveOwnCommit(_memory.Pending ?? throw new InvalidOperationException("No commit is pending."));
    }

    /// <summary>Gives the pending commit up, because it was not accepted.</summary>
    /// <returns>A change that the caller stores, merges and disposes.</returns>
    /// <exception cref="InvalidOperationException">No commit is pending.</exception>
    public PreparedDrop PrepareDropOfPending()
    {
        var pending = _memory.Pending ?? throw new InvalidOperationException("No commit is pending.");
        return new PreparedDrop(this, new StateChange([], [GroupEncoding.PendingCommitKey]), () =>
        {
            pending.DropUnless(null, Current);
            _memory.Pending = null;
        });
    }

    private PreparedCommit PrepareCommit(CommitParameters parameters, DateTimeOffset now, MlsGroup? old, ResumptionUsage? usage)
    {
        RequireActive();
        if (_memory.Pending is not null)
            throw new InvalidOperationException("A commit is pending: it must be accepted or dropped first.");
        RequireOwn(parameters.Leaf);

        var (listed, list) = ListProposals(parameters, now);
        var made = new CommitMaker(Current, _options, FindPsks(old)) { Linking = usage }.Make(parameters, listed, list, now);
        try
        {
            var (message, step) = Protect(made.Content, parameters);
            var pending = Pend(message, made);
            var record = GroupEncoding.PendingCommit(pending);
            return new PreparedCommit(
                this,
                GroupChanges.Message(Epoch, step, record),
                apply: () =>
                {
                    if (step is not null)
                        Current.SecretTree.Take(step);
                    _memory.Pending = pending;
                },
                drop: () =>
                {
                    step?.Drop();
                    pending.DropUnless(null, Current);
                },
                message, made.Welcome, made.Outcome);
        }
        catch
        {
            made.Outcome.Next!.Drop(Current);
            throw;
        }
    }

    /// <summary>
    /// What the commit lists: the waiting proposals that fit by reference, and its own by value. Own proposals that wait go
    /// by value too: after a crash nobody knows whether the others ever got them, and they could not follow a reference.
    /// </summary>
    private (List<ProposalOrReference> Listed, ProposalList List) ListProposals(CommitParameters parameters, DateTimeOffset now)
    {
        var byValue = parameters.Proposals.Select(WithNonce).ToList();
        var waiting = parameters.IncludeWaiting
            ? ProposalSelection.Choose(Current, _options, FindPsks(), _memory.Queue.Waiting, byValue, parameters, now)
            : [];
        var committer = Sender.Member(Current.Own);
        var own = waiting.Where(proposal => proposal.Sent.Sender == committer).Select(proposal => proposal.Sent.Proposal);
        List<QueuedProposal> others = [.. waiting.Where(proposal => proposal.Sent.Sender != committer)];
        List<Proposal> values = [.. own, .. byValue];
        return (
            [
                .. others.Select(proposal => new ProposalOrReference(null, proposal.Reference)),
                .. values.Select(proposal => new ProposalOrReference(proposal, default)),
            ],
            new ProposalList([.. others.Select(proposal => proposal.Sent), .. values.Select(proposal => new SentProposal(proposal, committer, false))]));
    }

    private PendingCommit Pend(MlsMessage message, MadeCommit made)
    {
        using var change = GroupChanges.NextEpoch(_memory, made.Outcome.Next!, made.Outcome.Proposals.ReInit, _options.Limits, withPending: true);
        return new PendingCommit(Current.Crypto.Hash(message.Encoded.Span), made.Content.Encode(), change.Encode(), made.Outcome);
    }

    private ReceivedCommit ReceiveOwnCommit(PendingCommit pending)
    {
        var outcome = pending.Outcome ?? GroupLoader.RebuildOutcome(_options, _memory, pending);
        var content = GroupEncoding.ReadContent(pending.Content).Content;
        return new ReceivedCommit(
            this,
            GroupChanges.NextEpoch(_memory, outcome.Next!, outcome.Proposals.ReInit, _options.Limits, withPending: true),
            apply: () => _memory.Enter(outcome.Next!, outcome.Proposals.ReInit, _options.Limits),
            drop: () =>
            {
                if (pending.Outcome is null)
                    outcome.Next!.Drop(Current);
            },
            FramedContentView.Of(content), outcome, isOwn: true);
    }
}
