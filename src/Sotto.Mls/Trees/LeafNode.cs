using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>How a leaf came into the tree (RFC 9420 §7.2).</summary>
public enum LeafNodeSource : byte
{
    /// <summary>By an Add proposal, from a KeyPackage.</summary>
    KeyPackage = 1,

    /// <summary>By an Update proposal.</summary>
    Update = 2,

    /// <summary>By the path of a commit.</summary>
    Commit = 3,
}

/// <summary>
/// A member's place in the tree: keys, credential, capabilities and extensions, signed (RFC 9420 §7.2). Immutable. One
/// that was read from the wire is not valid by that; a group's own are.
/// </summary>
public sealed class LeafNode : TreeNode
{
    private readonly int _signedLength;

    private LeafNode(LeafNodeContent content, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> encoded, int signedLength)
        : base(content.EncryptionKey)
    {
        Content = content;
        Signature = signature;
        Encoded = encoded;
        _signedLength = signedLength;
        SignatureKeyHash = content.SignatureKey.ContentHash();
    }

    /// <summary>The key that the member signs with.</summary>
    public ReadOnlyMemory<byte> SignatureKey => Content.SignatureKey;

    /// <summary>Who the member is.</summary>
    public Credential Credential => Content.Credential;

    /// <summary>What the member's client supports.</summary>
    public Capabilities Capabilities => Content.Capabilities;

    /// <summary>How the leaf came into the tree.</summary>
    public LeafNodeSource Source => Content.Source;

    /// <summary>When the leaf is valid; null unless it came from a KeyPackage.</summary>
    public Lifetime? Lifetime => Content.Source == LeafNodeSource.KeyPackage ? Content.Lifetime : null;

    /// <summary>Extensions of the leaf.</summary>
    public ExtensionList Extensions => Content.Extensions;

    /// <summary>The member's signature over the leaf.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The leaf as on the wire.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    internal LeafNodeContent Content { get; }

    internal int SignatureKeyHash { get; }

    /// <summary>Empty unless the leaf came from a commit.</summary>
    internal override ReadOnlyMemory<byte> ParentHash => Content.ParentHash;

    internal static LeafNode Read(ref TlsReader reader)
    {
        var start = reader.Position;
        var content = LeafNodeContent.Read(ref reader);
        var signedLength = reader.Position - start;
        var signature = reader.ReadVector();
        return new LeafNode(content, signature, reader.Since(start), signedLength);
    }

    internal override void Write(TlsWriter writer) => writer.WriteFixed(Encoded.Span);

    /// <summary>Signs a leaf. Group and place are signed with it unless it is for a KeyPackage.</summary>
    internal static LeafNode Sign(LeafNodeContent content, SigningKey key, GroupId? group, LeafIndex? leaf)
    {
        var writer = new TlsWriter(content.EncryptionKey.Length + 512);
        content.Write(writer);
        var signedLength = writer.Length;
        var signature = SuiteCrypto.SignWithLabel(key, "LeafNodeTBS"u8, ToBeSigned(writer.Written, content.Source, group, leaf));
        writer.WriteVector(signature);
        return new LeafNode(content, signature, writer.ToArray(), signedLength);
    }

    /// <summary>Whether the signature is the leaf's own key's over the leaf in this group and place.</summary>
    internal bool IsSigned(SuiteCrypto crypto, GroupId? group, LeafIndex? leaf) => crypto.VerifyWithLabel(
        SignatureKey.Span, "LeafNodeTBS"u8, ToBeSigned(Encoded.Span[.._signedLength], Source, group, leaf), Signature.Span);

    /// <summary>LeafNodeTBS: the fields before the signature, and group and place for leaves made within a group.</summary>
    private static ReadOnlySpan<byte> ToBeSigned(ReadOnlySpan<byte> fields, LeafNodeSource source, GroupId? group, LeafIndex? leaf)
    {
        if (source == LeafNodeSource.KeyPackage)
            return fields;

        var writer = new TlsWriter(fields.Length + (group?.Bytes.Length ?? 0) + 8);
        writer.WriteFixed(fields);
        writer.WriteVector(group!.Value.Bytes);
        writer.WriteUInt32(leaf!.Value.Value);
        return writer.Written;
    }
}

/// <summary>The fields of a leaf above its signature (RFC 9420 §7.2).</summary>
internal sealed record LeafNodeContent(
    ReadOnlyMemory<byte> EncryptionKey,
    ReadOnlyMemory<byte> SignatureKey,
    Credential Credential,
    Capabilities Capabilities,
    LeafNodeSource Source,
    Lifetime Lifetime,
    ReadOnlyMemory<byte> ParentHash,
    ExtensionList Extensions)
{
    public static LeafNodeContent Read(ref TlsReader reader)
    {
        var encryptionKey = reader.ReadVector();
        var signatureKey = reader.ReadVector();
        var credential = Credential.Read(ref reader);
        var capabilities = Capabilities.Read(ref reader);
        var source = (LeafNodeSource)reader.ReadByte();
        var lifetime = default(Lifetime);
        var parentHash = ReadOnlyMemory<byte>.Empty;
        switch (source)
        {
            case LeafNodeSource.KeyPackage:
                lifetime = new Lifetime(reader.ReadUInt64(), reader.ReadUInt64());
                break;
            case LeafNodeSource.Update:
                break;
            case LeafNodeSource.Commit:
                parentHash = reader.ReadVector();
                break;
            default:
                throw new MlsException(MlsRule.KnownLeafNodeSource);
        }

        return new LeafNodeContent(
            encryptionKey, signatureKey, credential, capabilities, source, lifetime, parentHash, ExtensionList.Read(ref reader));
    }

    public void Write(TlsWriter writer)
    {
        writer.WriteVector(EncryptionKey);
        writer.WriteVector(SignatureKey);
        Credential.Write(writer);
        Capabilities.Write(writer);
        writer.WriteByte((byte)Source);
        switch (Source)
        {
            case LeafNodeSource.KeyPackage:
                writer.WriteUInt64(Lifetime.NotBefore);
                writer.WriteUInt64(Lifetime.NotAfter);
                break;
            case LeafNodeSource.Commit:
                writer.WriteVector(ParentHash);
                break;
        }

        Extensions.Write(writer);
    }
}
