using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.State;

/// <summary>The stored form of each record of a group. Every value begins with a format number; tests pin the bytes.</summary>
internal static class GroupEncoding
{
    public const byte Format = 1;

    public static StateKey GroupKey { get; } = new(StateKind.Group, 0, 0);

    public static StateKey PendingCommitKey { get; } = new(StateKind.PendingCommit, 0, 0);

    public static StateRecord Group(EpochState epoch, GroupStatus status, ReInitProposal? reInit) => Record(GroupKey, writer =>
    {
        writer.WriteUInt16(epoch.Crypto.Suite.Id.Value);
        writer.WriteByte((byte)status);
        writer.WriteUInt32(epoch.Own.Value);
        writer.WriteUInt32((uint)epoch.Tree.Width);
        writer.WriteVector(epoch.Context.Encoded);
        writer.WriteVector(epoch.ConfirmationTag);
        writer.WriteVector(epoch.Secrets.Init.Bytes);
        writer.WriteVector(epoch.Secrets.SenderData.Bytes);
        writer.WriteVector(epoch.Secrets.Exporter.Bytes);
        writer.WriteVector(epoch.Secrets.External.Bytes);
        writer.WriteVector(epoch.Secrets.Confirmation.Bytes);
        writer.WriteVector(epoch.Secrets.Membership.Bytes);
        writer.WriteVector(epoch.Secrets.Resumption.Bytes);
        writer.WriteVector(epoch.Secrets.Authenticator);
        writer.WriteList(epoch.PrivateKeys.Keys.OrderBy(key => key.Key), (to, key) =>
        {
            to.WriteUInt32((uint)key.Key);
            to.WriteVector(key.Value.Private.Bytes);
        });
        if (writer.WriteOptional(reInit is not null))
            reInit!.WriteBody(writer);
    });

    public static StateRecord Node(int node, TreeNode value) => Record(NodeKey(node), writer => RatchetTree.WriteNode(writer, value));

    public static StateKey NodeKey(int node) => new(StateKind.Node, 0, (uint)node);

    public static StateRecord SecretNode(Epoch epoch, int node, Secret secret) =>
        Record(SecretNodeKey(epoch, node), writer => writer.WriteVector(secret.Bytes));

    public static StateKey SecretNodeKey(Epoch epoch, int node) => new(StateKind.SecretNode, epoch.Value, (uint)node);

    public static StateRecord Ratchet(Epoch epoch, LeafIndex leaf, SenderRatchets ratchets) =>
        Record(RatchetKey(epoch, leaf), ratchets.Write);

    public static StateKey RatchetKey(Epoch epoch, LeafIndex leaf) => new(StateKind.Ratchet, epoch.Value, leaf.Value);

    public static StateRecord PastEpoch(GroupContext context, int width, Secret senderData) => Record(PastEpochKey(context.Epoch), writer =>
    {
        writer.WriteUInt32((uint)width);
        writer.WriteVector(context.Encoded);
        writer.WriteVector(senderData.Bytes);
    });

    public static StateKey PastEpochKey(Epoch epoch) => new(StateKind.PastEpoch, epoch.Value, 0);

    public static StateRecord PastLeaf(Epoch epoch, LeafIndex leaf, LeafNode? value) =>
        Record(PastLeafKey(epoch, leaf), writer => RatchetTree.WriteNode(writer, value));

    public static StateKey PastLeafKey(Epoch epoch, LeafIndex leaf) => new(StateKind.PastLeaf, epoch.Value, leaf.Value);

    public static StateRecord Resumption(Epoch epoch, Secret secret) =>
        Record(ResumptionKey(epoch), writer => writer.WriteVector(secret.Bytes));

    public static StateKey ResumptionKey(Epoch epoch) => new(StateKind.ResumptionPsk, epoch.Value, 0);

    public static StateRecord Proposal(Epoch epoch, int place, QueuedProposal proposal) => Record(ProposalKey(epoch, place), writer =>
    {
        writer.WriteVector(proposal.Encoded);
        if (writer.WriteOptional(proposal.OwnLeafKey is not null))
            writer.WriteVector(proposal.OwnLeafKey!.Bytes);
    });

    public static StateKey ProposalKey(Epoch epoch, int place) => new(StateKind.Proposal, epoch.Value, (uint)place);

    public static StateRecord PendingCommit(PendingCommit pending) => Record(PendingCommitKey, writer =>
    {
        writer.WriteVector(pending.MessageHash);
        writer.WriteVector(pending.Content);
        writer.WriteVector(pending.Change);
    });

    public static QueuedProposal ReadProposal(SuiteCrypto crypto, TlsReader reader)
    {
        var content = ReadContent(reader.ReadVector().ToArray());
        var key = reader.ReadOptional() ? reader.ReadVector() : default(ReadOnlyMemory<byte>?);
        reader.End();
        return QueuedProposal.Of(crypto, content, key is { } own ? Secret.CopyOf(own.Span) : null);
    }

    public static PendingCommit ReadPendingCommit(TlsReader reader) =>
        new(reader.ReadVector().ToArray(), reader.ReadVector().ToArray(), reader.ReadVector().ToArray(), null);

    /// <summary>An AuthenticatedContent that this client stored.</summary>
    public static AuthenticatedContent ReadContent(ReadOnlyMemory<byte> encoded)
    {
        var reader = new TlsReader(encoded);
        var format = (WireFormat)reader.ReadUInt16();
        var content = AuthenticatedContent.ReadAuth(format, FramedContent.Read(ref reader), ref reader);
        reader.End();
        return content;
    }

    /// <summary>A stored value after its format number.</summary>
    public static TlsReader Open(StateRecord record)
    {
        var reader = new TlsReader(record.Value);
        Check.That(reader.ReadByte() == Format, MlsRule.StoredFormat);
        return reader;
    }

    private static StateRecord Record(StateKey key, Action<TlsWriter> write)
    {
        var writer = new TlsWriter(512);
        writer.WriteByte(Format);
        write(writer);
        var value = writer.ToArray();
        writer.Clear();
        return new StateRecord(key, value);
    }
}
