using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>A GroupInfo (RFC 9420 §12.4.3) whose parts can be changed before a member signs it.</summary>
internal sealed class RawGroupInfo
{
    private readonly MlsGroup _group;

    public RawGroupInfo(Person signer)
    {
        _group = signer.Group;
        SigningKey = signer.SigningKey;
        Signer = _group.OwnIndex;
        Suite = _group.Context.CipherSuite;
        GroupId = _group.GroupId;
        Epoch = _group.Epoch;
        ContextExtensions = _group.Context.Extensions;
        Nodes = [.. Enumerable.Range(0, TreeMath.NodeCount(_group.Current.Tree.Width)).Select(node => _group.Current.Tree[node])];
        ExternalPub = TlsWriter.Encode(writer => writer.WriteVector(ExternalKey()));
    }

    public SigningKey SigningKey { get; set; }

    public LeafIndex Signer { get; set; }

    public CipherSuiteId Suite { get; set; }

    public GroupId GroupId { get; set; }

    public Epoch Epoch { get; set; }

    public ExtensionList ContextExtensions { get; set; }

    public TreeNode?[] Nodes { get; }

    /// <summary>The hash in the context; null for that of <see cref="Nodes"/>.</summary>
    public byte[]? TreeHash { get; set; }

    /// <summary>The tree extension; null for that of <see cref="Nodes"/>, empty for none.</summary>
    public byte[]? TreeBytes { get; set; }

    public byte[]? ExternalPub { get; set; }

    /// <summary>Null for the group's.</summary>
    public byte[]? ConfirmationTag { get; set; }

    /// <summary>Changes the fields before they are signed.</summary>
    public Func<byte[], byte[]> Fields { get; set; } = fields => fields;

    /// <summary>Changes the signature.</summary>
    public Func<byte[], byte[]> Signature { get; set; } = signature => signature;

    public GroupContext Context => new(
        Suite, GroupId, Epoch, TreeHash ?? Tree().RootHash(_group.Current.Crypto), _group.Context.ConfirmedTranscriptHash, ContextExtensions);

    /// <summary>Signs leaf content at its place in the tree in place of a leaf.</summary>
    public void ReplaceLeaf(uint index, Func<LeafNodeContent, LeafNodeContent> change, SigningKey key, LeafIndex? place = null)
    {
        var leaf = (LeafNode)Nodes[index * 2]!;
        Nodes[index * 2] = LeafNode.Sign(change(leaf.Content), key, GroupId, place ?? new LeafIndex(index));
    }

    public void ChangeParent(int node, Func<ParentNode, ParentNode> change) => Nodes[node] = change((ParentNode)Nodes[node]!);

    public byte[] EncodeTree() => Tree().Encode();

    /// <summary>The GroupInfo in its MLSMessage.</summary>
    public byte[] Encode() => TlsWriter.Encode(writer =>
    {
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)Framing.WireFormat.GroupInfo);
        writer.WriteFixed(EncodeBare());
    });

    public byte[] EncodeBare() => TlsWriter.Encode(writer =>
    {
        List<Extension> extensions = [];
        if (TreeBytes is not { Length: 0 })
            extensions.Add(new Extension(ExtensionTypes.RatchetTree, TreeBytes ?? EncodeTree()));
        if (ExternalPub is not null)
            extensions.Add(new Extension(ExtensionTypes.ExternalPub, ExternalPub));
        var content = new GroupInfoContent(Context, new ExtensionList(extensions), ConfirmationTag ?? _group.ConfirmationTag, Signer);
        var fields = Fields(TlsWriter.Encode(content.Write));
        writer.WriteFixed(fields);
        writer.WriteVector(Signature(SuiteCrypto.SignWithLabel(SigningKey, "GroupInfoTBS"u8, fields)));
    });

    private RatchetTree Tree() => RatchetTree.Of([.. Nodes], new byte[]?[Nodes.Length]);

    private byte[] ExternalKey()
    {
        using var key = _group.Current.Secrets.ExternalPrivateKey(_group.Current.Crypto);
        return _group.Current.Crypto.Hpke.PublicKey(key.Bytes);
    }
}
