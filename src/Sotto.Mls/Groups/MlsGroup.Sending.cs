using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

public sealed partial class MlsGroup
{
    /// <summary>Encrypts data for the members (RFC 9420 §15).</summary>
    /// <param name="data">The data; copied.</param>
    /// <param name="parameters">What goes with it; null for the defaults.</param>
    /// <returns>A message that the caller stores, merges and disposes.</returns>
    /// <exception cref="ArgumentException">The message would be longer than <see cref="MlsLimits.MessageLength"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// The group has ended, proposals wait for a commit that must come first (§12.4), or so many messages were sent in this
    /// epoch that a commit must come first.
    /// </exception>
    public PreparedMessage PrepareMessage(ReadOnlySpan<byte> data, MessageParameters? parameters = null)
    {
        RequireActive();
        if (_memory.Queue.Waiting.Count > 0)
            throw new InvalidOperationException("Proposals wait for a commit, which must come before data (RFC 9420 §12.4).");
        RequireLength(data.Length, ContentType.Application);
        return PrepareContent(new ApplicationBody(data.ToArray()), (parameters ?? MessageParameters.Default) with { Encrypt = true });
    }

    /// <summary>
    /// Sends a proposal by itself, to be committed by whoever commits next (RFC 9420 §12.1). Whether it fits the others is
    /// judged then: what does not fit is left out. A SelfRemove is always a PublicMessage, as its draft wants.
    /// </summary>
    /// <returns>A message that the caller stores, merges and disposes.</returns>
    /// <exception cref="MlsException">The proposal breaks a rule, or the application's policy does not let it wait.</exception>
    /// <exception cref="InvalidOperationException">The group has ended.</exception>
    public PreparedMessage PrepareProposal(Proposal proposal, MessageParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        RequireActive();
        if (proposal is UpdateProposal or ExternalInitProposal)
            throw new ArgumentException("An update is proposed by PrepareUpdate, an ExternalInit only in an external commit.", nameof(proposal));
        var framing = parameters ?? MessageParameters.Default;
        return PrepareProposal(WithNonce(proposal), null, proposal is SelfRemoveProposal ? framing with { Encrypt = false } : framing);
    }

    /// <summary>Proposes new keys for the own leaf, to be committed by somebody else (RFC 9420 §12.1.2).</summary>
    /// <returns>A message that the caller stores, merges and disposes.</returns>
    /// <exception cref="ArgumentException">The leaf is to have a key of another algorithm than the suite's, or what the client does not support.</exception>
    /// <exception cref="MlsException">The leaf would break a rule.</exception>
    /// <exception cref="InvalidOperationException">The group has ended.</exception>
    public PreparedMessage PrepareUpdate(LeafChange? change = null, MessageParameters? parameters = null)
    {
        RequireActive();
        RequireOwn(change ?? LeafChange.None);
        var crypto = Current.Crypto;
        var key = crypto.Hpke.GeneratePrivateKey();
        try
        {
            var leaf = UpdatedLeaf(change ?? LeafChange.None, crypto.Hpke.PublicKey(key.Bytes));
            return PrepareProposal(new UpdateProposal(leaf), key, parameters ?? MessageParameters.Default);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private LeafNode UpdatedLeaf(LeafChange change, byte[] encryptionKey) => OwnLeafMaker.Renew(
        Current.Crypto, _options, Current.OwnLeaf, Current.SigningKey, change, LeafNodeSource.Update, encryptionKey, default, GroupId, Current.Own);

    private PreparedMessage PrepareProposal(Proposal proposal, Secret? ownLeafKey, MessageParameters parameters)
    {
        var sent = new SentProposal(proposal, Sender.Member(Current.Own), ByReference: true);
        ProposalListValidator.ValidateSent(Current, _options, sent);
        Check.That(_options.Policy.Allows(this, sent), MlsRule.ProposalAllowed);
        if (_memory.Queue.CountOf(sent.Sender) >= _options.Limits.ProposalsPerSender)
            throw new InvalidOperationException("So many proposals wait that a commit must come first.");
        return PrepareContent(new ProposalBody(proposal), parameters, ownLeafKey);
    }

    /// <summary>Signs and protects content, and takes the next key of the own ratchet when it is encrypted.</summary>
    private PreparedMessage PrepareContent(ContentBody body, MessageParameters parameters, Secret? ownLeafKey = null)
    {
        var epoch = Current;
        var content = new FramedContent(epoch.Context.GroupId, epoch.Context.Epoch, Sender.Member(epoch.Own), parameters.AuthenticatedData, body);
        var format = parameters.Encrypt ? WireFormat.PrivateMessage : WireFormat.PublicMessage;
        var signed = AuthenticatedContent.Sign(format, content, epoch.SigningKey, epoch.Context);

        var queued = body is ProposalBody ? QueuedProposal.Of(epoch.Crypto, signed, ownLeafKey) : null;
        StateRecord[] records = queued is null || _memory.Queue.Contains(queued.Reference)
            ? []
            : [GroupEncoding.Proposal(Epoch, _memory.Queue.Waiting.Count, queued)];
        var (message, step) = Protect(signed, parameters);
        return new PreparedMessage(
            this,
            GroupChanges.Message(Epoch, step, records),
            apply: () =>
            {
                if (step is not null)
                    epoch.SecretTree.Take(step);
                if (queued is not null)
                    _memory.Queue.Add(queued);
            },
            drop: () =>
            {
                step?.Drop();
                queued?.Dispose();
            },
            message);
    }

    /// <summary>The framed message; when it is encrypted, with the step of the own ratchet that its key comes from.</summary>
    private (MlsMessage Message, SecretTreeStep? Step) Protect(AuthenticatedContent content, MessageParameters parameters)
    {
        var epoch = Current;
        if (content.Format == WireFormat.PublicMessage)
            return (WithinLimits(MlsMessage.Of(PublicMessage.Protect(epoch.Crypto, content, epoch.Context, epoch.Secrets.Membership.Bytes))), null);

        var step = epoch.SecretTree.Next(epoch.Own, content.Content.Type, _options.Limits);
        try
        {
            if (step.Key.Generation >= _options.Limits.MessagesPerEpoch)
                throw new InvalidOperationException("So many messages were sent in this epoch that a commit must come first.");
            var message = PrivateMessage.Protect(epoch.Crypto, content, step.Key, epoch.Secrets.SenderDataSource(epoch.Crypto), parameters.Padding);
            return (WithinLimits(MlsMessage.Of(message)), step);
        }
        catch
        {
            step.Drop();
            throw;
        }
    }

    private MlsMessage WithinLimits(MlsMessage message)
    {
        RequireLength(message.Encoded.Length, message.ContentType!.Value);
        return message;
    }

    private void RequireLength(int length, ContentType content)
    {
        var most = _options.Limits.LengthOf(content);
        if (length > most)
            throw new ArgumentException($"The message would have {length} bytes; the limit is {most}.");
    }

    /// <summary>A PSK proposal gets its nonce here, fresh for each use (RFC 9420 §8.4).</summary>
    private Proposal WithNonce(Proposal proposal) => proposal is PreSharedKeyProposal { Psk.Nonce.IsEmpty: true } psk
        ? new PreSharedKeyProposal(psk.Psk with { Nonce = Current.Crypto.RandomBytes(Current.Crypto.HashLength) })
        : proposal;
}
