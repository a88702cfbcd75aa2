using Sotto.Mls.Groups;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Framing;

/// <summary>
/// A message's content with what authenticates it (RFC 9420 §6.1): not checked yet, whoever made it. Only
/// <see cref="VerifiedContent"/> may be acted on.
/// </summary>
internal sealed record AuthenticatedContent(
    WireFormat Format, FramedContent Content, ReadOnlyMemory<byte> Signature, ReadOnlyMemory<byte>? ConfirmationTag)
{
    /// <summary>Signs content. A commit gets its confirmation tag later, because the tag depends on the signature.</summary>
    public static AuthenticatedContent Sign(WireFormat format, FramedContent content, SigningKey key, GroupContext? context)
    {
        var signature = SuiteCrypto.SignWithLabel(
            key, "FramedContentTBS"u8, content.SignedSizeHint(context), writer => content.WriteToBeSigned(writer, format, context));
        return new AuthenticatedContent(format, content, signature, null);
    }

    public bool IsSigned(SuiteCrypto crypto, ReadOnlySpan<byte> signatureKey, GroupContext? context) => crypto.VerifyWithLabel(
        signatureKey, "FramedContentTBS"u8, Content.SignedSizeHint(context), writer => Content.WriteToBeSigned(writer, Format, context), Signature.Span);

    /// <summary>The whole structure, which is what a proposal's reference and a commit's transcript hash.</summary>
    public byte[] Encode() => TlsWriter.Encode(
        writer =>
        {
            writer.WriteUInt16((ushort)Format);
            Content.Write(writer);
            WriteAuth(writer);
        },
        Content.Body.SizeHint + 256);

    /// <summary>ProposalRef (§5.2): how a commit names a proposal that was sent before.</summary>
    public static byte[] ProposalReference(SuiteCrypto crypto, ReadOnlySpan<byte> encoded) => crypto.RefHash("MLS 1.0 Proposal Reference"u8, encoded);

    /// <summary>FramedContentAuthData.</summary>
    public void WriteAuth(TlsWriter writer)
    {
        writer.WriteVector(Signature);
        if (Content.Type == ContentType.Commit)
            writer.WriteVector(ConfirmationTag!.Value);
    }

    public static AuthenticatedContent ReadAuth(WireFormat format, FramedContent content, ref TlsReader reader)
    {
        var signature = reader.ReadVector();
        ReadOnlyMemory<byte>? tag = content.Type == ContentType.Commit ? reader.ReadVector() : default(ReadOnlyMemory<byte>?);
        return new AuthenticatedContent(format, content, signature, tag);
    }
}

/// <summary>Content whose sender's signature was checked. Nobody else can make one.</summary>
internal sealed class VerifiedContent
{
    private readonly byte[]? _confirmedTranscriptHash;

    private VerifiedContent(AuthenticatedContent authenticated, byte[]? confirmedTranscriptHash) =>
        (Authenticated, _confirmedTranscriptHash) = (authenticated, confirmedTranscriptHash);

    public AuthenticatedContent Authenticated { get; }

    public FramedContent Content => Authenticated.Content;

    /// <summary>
    /// Checks the signature under the key that the sender's type asks for. Of a long commit the transcript is hashed on the
    /// other core meanwhile: both go over all of its bytes.
    /// </summary>
    /// <param name="crypto">The group's functions.</param>
    /// <param name="authenticated">What was received.</param>
    /// <param name="signatureKey">The sender's.</param>
    /// <param name="context">The group context that is signed.</param>
    /// <param name="interimTranscriptHash">The transcript that a commit goes on from; empty where no commit is expected.</param>
    public static VerifiedContent Verify(
        SuiteCrypto crypto, AuthenticatedContent authenticated, ReadOnlyMemory<byte> signatureKey, GroupContext context,
        ReadOnlyMemory<byte> interimTranscriptHash = default)
    {
        var isSigned = false;
        byte[]? transcript = null;
        var length = authenticated.Content.Body is CommitBody body && !interimTranscriptHash.IsEmpty ? body.SizeHint : 0;
        Cores.Beside(
            length,
            () => isSigned = authenticated.IsSigned(crypto, signatureKey.Span, context),
            () => transcript = Transcript.Confirmed(crypto, interimTranscriptHash.Span, authenticated));
        Check.That(isSigned, MlsRule.MessageSignature);
        return new VerifiedContent(authenticated, transcript);
    }

    /// <summary>The confirmed transcript hash after this commit.</summary>
    public byte[] ConfirmedTranscriptHash(SuiteCrypto crypto, ReadOnlySpan<byte> interimTranscriptHash) =>
        _confirmedTranscriptHash ?? Transcript.Confirmed(crypto, interimTranscriptHash, Authenticated);
}
