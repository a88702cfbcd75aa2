using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// A group's state for somebody who joins (RFC 9420 §12.4.3), signed by a member. One that was read from the wire is not
/// valid by that: joining checks it.
/// </summary>
public sealed class GroupInfo
{
    private readonly int _signedLength;

    private GroupInfo(GroupInfoContent content, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> encoded, int signedLength)
    {
        Content = content;
        Signature = signature;
        Encoded = encoded;
        _signedLength = signedLength;
    }

    /// <summary>The group context.</summary>
    public GroupContext Context => Content.Context;

    /// <summary>What joiners need besides the context.</summary>
    public ExtensionList Extensions => Content.Extensions;

    /// <summary>The leaf that signed.</summary>
    public LeafIndex Signer => Content.Signer;

    /// <summary>The structure as on the wire, without the MLSMessage around it.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    internal GroupInfoContent Content { get; }

    internal ReadOnlyMemory<byte> Signature { get; }

    internal static GroupInfo Read(ref TlsReader reader)
    {
        var start = reader.Position;
        var content = GroupInfoContent.Read(ref reader);
        var signedLength = reader.Position - start;
        var signature = reader.ReadVector();
        return new GroupInfo(content, signature, reader.Since(start), signedLength);
    }

    internal static GroupInfo Sign(GroupInfoContent content, SigningKey key)
    {
        var writer = new TlsWriter(1024);
        content.Write(writer);
        var signedLength = writer.Length;
        var signature = SuiteCrypto.SignWithLabel(key, "GroupInfoTBS"u8, writer.Written);
        writer.WriteVector(signature);
        return new GroupInfo(content, signature, writer.ToArray(), signedLength);
    }

    internal bool IsSigned(SuiteCrypto crypto, ReadOnlySpan<byte> signatureKey) =>
        crypto.VerifyWithLabel(signatureKey, "GroupInfoTBS"u8, Encoded.Span[.._signedLength], Signature.Span);
}

/// <summary>The fields of a GroupInfo above its signature (RFC 9420 §12.4.3).</summary>
internal sealed record GroupInfoContent(
    GroupContext Context, ExtensionList Extensions, ReadOnlyMemory<byte> ConfirmationTag, LeafIndex Signer)
{
    public static GroupInfoContent Read(ref TlsReader reader) => new(
        GroupContext.Read(ref reader), ExtensionList.Read(ref reader), reader.ReadVector(), new LeafIndex(reader.ReadUInt32()));

    public void Write(TlsWriter writer)
    {
        Context.Write(writer);
        Extensions.Write(writer);
        writer.WriteVector(ConfirmationTag);
        writer.WriteUInt32(Signer.Value);
    }
}
