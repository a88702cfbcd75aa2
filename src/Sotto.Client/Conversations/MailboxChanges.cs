using Sotto.Crypto;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Conversations;

/// <summary>
/// What a commit does to the mailboxes of its channel. Its hash is the commit's authenticated data, so that the relay cannot
/// be told otherwise than the members.
/// </summary>
internal sealed record MailboxChanges(IReadOnlyList<Bytes16> Added, IReadOnlyList<Bytes16> Dropped, bool Cut)
{
    /// <summary>Computed from proposals, in their order.</summary>
    public static MailboxChanges Of(ICryptoProvider crypto, Bytes32 mailboxKey, IGroupView before, IEnumerable<Proposal> proposals)
    {
        var (added, dropped) = (new List<Bytes16>(), new List<Bytes16>());
        foreach (var proposal in proposals)
        {
            if (proposal is AddProposal add)
                added.Add(LeafInfo.MailboxOf(crypto, mailboxKey, add.KeyPackage.LeafNode.EncryptionKey.Span));
            else if (proposal is RemoveProposal remove && before.Find(remove.Removed) is { } leaf)
                dropped.Add(LeafInfo.MailboxOf(crypto, mailboxKey, leaf));
        }

        return new(added, dropped, dropped.Count > 0);
    }

    /// <summary>H of <c>opaque added[16 * n]&lt;V&gt;; opaque dropped[16 * n]&lt;V&gt;; uint8 cut</c>.</summary>
    public byte[] AuthenticatedData() =>
        Bytes32.HashOf(new TlsWriter().Vector(Join(Added)).Vector(Join(Dropped)).Byte(Cut ? (byte)1 : (byte)0).Written).ToArray();

    private static byte[] Join(IReadOnlyList<Bytes16> ids)
    {
        var writer = new TlsWriter();
        foreach (var id in ids)
            writer.Sixteen(id);
        return writer.ToArray();
    }
}
