using Sotto.Mls.Groups;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Framing;

/// <summary>A message that is signed and not encrypted (RFC 9420 §6.2).</summary>
internal sealed record PublicMessage(AuthenticatedContent Content, ReadOnlyMemory<byte>? MembershipTag)
{
    public static PublicMessage Read(ref TlsReader reader)
    {
        var content = FramedContent.Read(ref reader);
        var authenticated = AuthenticatedContent.ReadAuth(WireFormat.PublicMessage, content, ref reader);
        ReadOnlyMemory<byte>? tag = content.Sender.Type == SenderType.Member ? reader.ReadVector() : default(ReadOnlyMemory<byte>?);
        return new PublicMessage(authenticated, tag);
    }

    public void Write(TlsWriter writer)
    {
        Content.Content.Write(writer);
        Content.WriteAuth(writer);
        if (MembershipTag is { } tag)
            writer.WriteVector(tag);
    }

    /// <summary>Protects content; a member's gets its membership tag.</summary>
    public static PublicMessage Protect(SuiteCrypto crypto, AuthenticatedContent content, GroupContext context, ReadOnlySpan<byte> membershipKey)
    {
        if (content.Content.Type == ContentType.Application)
            throw new ArgumentException("Application messages are always encrypted (RFC 9420 §6).", nameof(content));
        return new PublicMessage(
            content,
            content.Content.Sender.Type == SenderType.Member ? crypto.Mac(membershipKey, ToBeMaced(content, context)) : default(ReadOnlyMemory<byte>?));
    }

    /// <summary>The content, when a member's membership tag is right (§6.2).</summary>
    public AuthenticatedContent Unprotect(SuiteCrypto crypto, GroupContext context, ReadOnlySpan<byte> membershipKey)
    {
        if (MembershipTag is { } tag)
            Check.That(crypto.MacIs(membershipKey, ToBeMaced(Content, context), tag.Span), MlsRule.MembershipTag);
        return Content;
    }

    /// <summary>AuthenticatedContentTBM.</summary>
    private static ReadOnlySpan<byte> ToBeMaced(AuthenticatedContent content, GroupContext context)
    {
        var writer = new TlsWriter(content.Content.SignedSizeHint(context) + 256);
        content.Content.WriteToBeSigned(writer, WireFormat.PublicMessage, context);
        content.WriteAuth(writer);
        return writer.Written;
    }
}
