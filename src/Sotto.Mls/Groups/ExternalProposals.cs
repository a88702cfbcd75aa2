using Sotto.Mls.Framing;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;

namespace Sotto.Mls.Groups;

/// <summary>Proposals from outside a group (RFC 9420 §12.1.8). They are public, for their senders have none of its secrets.</summary>
public static class ExternalProposals
{
    /// <summary>A proposal of one of the group's external senders.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="epoch">Its current epoch.</param>
    /// <param name="senderIndex">The sender's place in the group's <c>external_senders</c> extension.</param>
    /// <param name="proposal">An Add, Remove, PreSharedKey, ReInit or GroupContextExtensions.</param>
    /// <param name="signingKey">The sender's key; only read.</param>
    /// <exception cref="ArgumentException">External senders may not send such a proposal.</exception>
    public static MlsMessage Propose(GroupId groupId, Epoch epoch, uint senderIndex, Proposal proposal, SigningKey signingKey)
    {
        if (proposal is not (AddProposal or RemoveProposal or PreSharedKeyProposal or ReInitProposal or GroupContextExtensionsProposal))
            throw new ArgumentException("External senders may not send such a proposal (RFC 9420 §12.1.8).", nameof(proposal));
        return Sign(groupId, epoch, new Sender(SenderType.External, senderIndex), proposal, signingKey);
    }

    /// <summary>A client's own proposal to be added (new_member_proposal).</summary>
    /// <param name="context">The group, from a GroupInfo.</param>
    /// <param name="keyPackage">The client's.</param>
    /// <param name="signingKey">The KeyPackage's signature key; only read.</param>
    /// <exception cref="ArgumentException">The KeyPackage is for another suite.</exception>
    public static MlsMessage ProposeOwnAdd(GroupContext context, KeyPackage keyPackage, SigningKey signingKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(keyPackage);
        if (keyPackage.CipherSuite != context.CipherSuite)
            throw new ArgumentException("The KeyPackage is for another suite than the group's.", nameof(keyPackage));
        return Sign(context.GroupId, context.Epoch, new Sender(SenderType.NewMemberProposal, 0), new AddProposal(keyPackage), signingKey);
    }

    private static MlsMessage Sign(GroupId groupId, Epoch epoch, Sender sender, Proposal proposal, SigningKey signingKey)
    {
        var content = new FramedContent(groupId, epoch, sender, default, new ProposalBody(proposal));
        var signed = AuthenticatedContent.Sign(WireFormat.PublicMessage, content, signingKey, null);
        return MlsMessage.Of(new PublicMessage(signed, null));
    }
}
