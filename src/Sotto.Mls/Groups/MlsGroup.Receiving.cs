using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

public sealed partial class MlsGroup
{
    /// <summary>
    /// Opens and checks a message for this group (RFC 9420 §6, §12.4.2). Nothing changes until the result is merged.
    /// </summary>
    /// <returns>What it brought, which the caller stores, merges and disposes.</returns>
    /// <exception cref="MlsException">The message breaks a rule; the group is as it was.</exception>
    /// <exception cref="InvalidOperationException">This client was removed from the group.</exception>
    public ReceivedMessage Receive(MlsMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RequireSecrets();
        Check.That(message.Format is WireFormat.PublicMessage or WireFormat.PrivateMessage, MlsRule.GroupMessage);
        Check.That(message.Encoded.Length <= _options.Limits.LengthOf(message.ContentType), MlsRule.MessageLength);
        Check.That(message.GroupId == GroupId, MlsRule.GroupIdMatches);
        Check.That(_memory.Status != GroupStatus.ReInitialised || message.Epoch != Epoch, MlsRule.GroupNotReInitialised);
        if (_memory.Pending is { } pending && message.ContentType == ContentType.Commit && IsEcho(message, pending))
            return ReceiveOwnCommit(pending);
        return message.PublicMessage is { } open ? ReceivePublic(open) : ReceivePrivate(message.PrivateMessage!);
    }

    private bool IsEcho(MlsMessage message, PendingCommit pending) =>
        Current.Crypto.Hash(message.Encoded.Span).AsSpan().SequenceEqual(pending.MessageHash);

    private ReceivedMessage ReceivePublic(PublicMessage message)
    {
        var epoch = Current;
        Check.That(message.Content.Content.Epoch == Epoch, MlsRule.CurrentEpoch);
        Check.That(message.Content.Content.Type != ContentType.Application, MlsRule.ApplicationIsEncrypted);
        CheckSenderFitsContent(message.Content.Content);
        var signatureKey = SignatureKeyOf(message.Content.Content, epoch);
        var content = message.Unprotect(epoch.Crypto, epoch.Context, epoch.Secrets.Membership.Bytes);
        var verified = VerifiedContent.Verify(epoch.Crypto, content, signatureKey, epoch.Context, epoch.InterimTranscriptHash);
        return ReceiveHandshake(verified, step: null);
    }

    private ReceivedMessage ReceivePrivate(PrivateMessage message)
    {
        var (context, tree, senderDataSource, secretTree) = EpochOf(message);
        var senderData = message.OpenSenderData(Current.Crypto, senderDataSource);
        if (tree.Leaf(senderData.Leaf) is not { } leaf)
            throw new MlsException(MlsRule.SenderLeafOccupied);

        var step = secretTree.At(senderData.Leaf, message.ContentType, senderData.Generation, _options.Limits);
        try
        {
            var content = message.Open(Current.Crypto, step.Key, senderData);
            var verified = VerifiedContent.Verify(Current.Crypto, content, leaf.SignatureKey, context, Current.InterimTranscriptHash);
            return verified.Content.Body is ApplicationBody application
                ? ReceiveApplication(verified, application, context.Epoch, secretTree, step, leaf)
                : ReceiveHandshake(verified, step);
        }
        catch
        {
            step.Drop();
            throw;
        }
    }

    /// <summary>The epoch that a message says it is of: the current one, or for application messages a past one that is kept.</summary>
    private (GroupContext Context, RatchetTree Tree, SecretSource SenderData, SecretTree SecretTree) EpochOf(PrivateMessage message)
    {
        if (message.Epoch == Epoch)
            return (Context, Current.Tree, Current.Secrets.SenderDataSource(Current.Crypto), Current.SecretTree);
        var past = _memory.Past.Find(past => past.Context.Epoch == message.Epoch);
        if (past is null || message.ContentType != ContentType.Application)
            throw new MlsException(MlsRule.CurrentEpoch);
        return (past.Context, past.Tree, past.SenderDataSource(Current.Crypto), past.SecretTree);
    }

    /// <summary>Which content which sender may send (§6.1, §12.1.8).</summary>
    private static void CheckSenderFitsContent(FramedContent content)
    {
        switch (content.Sender.Type)
        {
            case SenderType.External:
                Check.That(content.Body is ProposalBody, MlsRule.ExternalSenderProposes);
                Check.That(
                    content.Body is not ProposalBody { Proposal: not (AddProposal or RemoveProposal or PreSharedKeyProposal or ReInitProposal or GroupContextExtensionsProposal) },
                    MlsRule.ExternalSenderProposalType);
                break;
            case SenderType.NewMemberProposal:
                Check.That(content.Body is ProposalBody { Proposal: AddProposal }, MlsRule.NewMemberProposesAdd);
                break;
            case SenderType.NewMemberCommit:
                Check.That(content.Body is CommitBody, MlsRule.NewMemberCommits);
                Check.That(((CommitBody)content.Body).Commit.Path is not null, MlsRule.PathRequired);
                break;
        }
    }

    /// <summary>The key that a public message must be signed with (§6.1).</summary>
    private static ReadOnlyMemory<byte> SignatureKeyOf(FramedContent content, EpochState epoch)
    {
        switch (content.Sender.Type)
        {
            case SenderType.Member:
                return epoch.Tree.Leaf(content.Sender.Leaf)?.SignatureKey ?? throw new MlsException(MlsRule.SenderLeafOccupied);
            case SenderType.External:
                var senders = ExternalSender.From(epoch.Context.Extensions);
                if (content.Sender.Index >= senders.Count)
                    throw new MlsException(MlsRule.ExternalSenderIndex);
                return senders[(int)content.Sender.Index].SignatureKey;
            case SenderType.NewMemberProposal:
                return ((AddProposal)((ProposalBody)content.Body).Proposal).KeyPackage.LeafNode.SignatureKey;
            default:
                return ((CommitBody)content.Body).Commit.Path!.LeafNode.SignatureKey;
        }
    }

    private ReceivedApplication ReceiveApplication(
        VerifiedContent verified, ApplicationBody body, Epoch epoch, SecretTree secretTree, SecretTreeStep step, LeafNode leaf) => new(
        this,
        GroupChanges.Message(epoch, step),
        apply: () => secretTree.Take(step),
        drop: step.Drop,
        FramedContentView.Of(verified.Content), leaf, step.Key.Generation, body.Data);

    private ReceivedMessage ReceiveHandshake(VerifiedContent verified, SecretTreeStep? step) => verified.Content.Body is ProposalBody proposal
        ? ReceiveProposal(verified, proposal.Proposal, step)
        : ReceiveCommit(verified, step);

    private ReceivedProposal ReceiveProposal(VerifiedContent verified, Proposal proposal, SecretTreeStep? step)
    {
        var epoch = Current;
        var queued = QueuedProposal.Of(epoch.Crypto, verified.Authenticated, null);
        Check.That(proposal is not SelfRemoveProposal || step is null, MlsRule.SelfRemoveIsPublic);
        ProposalListValidator.ValidateSent(epoch, _options, queued.Sent);
        Check.That(_options.Policy.Allows(this, queued.Sent), MlsRule.ProposalAllowed);
        var isKnown = _memory.Queue.Contains(queued.Reference);
        Check.That(isKnown || _memory.Queue.CountOf(queued.Sent.Sender) < _options.Limits.ProposalsPerSender, MlsRule.ProposalCount);

        StateRecord[] records = isKnown ? [] : [GroupEncoding.Proposal(Epoch, _memory.Queue.Waiting.Count, queued)];
        return new ReceivedProposal(
            this,
            GroupChanges.Message(Epoch, step, records),
            apply: () =>
            {
                if (step is not null)
                    epoch.SecretTree.Take(step);
                _memory.Queue.Add(queued);
            },
            drop: () => step?.Drop(),
            FramedContentView.Of(verified.Content), proposal);
    }

    private ReceivedCommit ReceiveCommit(VerifiedContent verified, SecretTreeStep? step)
    {
        var isOwn = verified.Content.Sender.Type == SenderType.Member && verified.Content.Sender.Leaf == OwnIndex;
        Check.That(!isOwn, MlsRule.OwnCommitKnown);

        var epoch = Current;
        var outcome = new CommitProcessor(epoch, _options, _memory.Queue, FindPsks()).Process(verified);
        var content = FramedContentView.Of(verified.Content);
        if (outcome.Next is not { } next)
            return new ReceivedCommit(this, GroupChanges.Nothing(_memory), () => End(step), () => step?.Drop(), content, outcome, isOwn: false);

        return new ReceivedCommit(
            this,
            GroupChanges.NextEpoch(_memory, next, outcome.Proposals.ReInit, _options.Limits, step: step),
            apply: () =>
            {
                if (step is not null)
                    epoch.SecretTree.Take(step);
                _memory.Enter(next, outcome.Proposals.ReInit, _options.Limits);
            },
            drop: () =>
            {
                step?.Drop();
                next.Drop(epoch);
            },
            content, outcome, isOwn: false);
    }

    /// <summary>This client was removed: its secrets are wiped at once.</summary>
    private void End(SecretTreeStep? step)
    {
        step?.Drop();
        _memory.Status = GroupStatus.Removed;
        _memory.WipeSecrets();
    }
}
