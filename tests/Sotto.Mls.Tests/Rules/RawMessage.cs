using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>
/// A message step by step (RFC 9420 §6), with a hook at each step for who wants to do it in another way. What comes after a
/// step is right for what the step gave: signatures, tags and ciphertexts are those of a member who does this on purpose.
/// </summary>
internal sealed class RawMessage(MlsGroup group, SigningKey key)
{
    private readonly EpochState _epoch = group.Current;

    public Func<FramedContent, FramedContent> Content { get; init; } = content => content;

    /// <summary>The group context that is signed and put under the membership tag.</summary>
    public GroupContext? Context { get; init; }

    public Func<AuthenticatedContent, AuthenticatedContent> Signed { get; init; } = signed => signed;

    public Func<byte[], byte[]> MembershipTag { get; init; } = tag => tag;

    /// <summary>What is encrypted: content, signature, tag and padding.</summary>
    public Func<byte[], byte[]> Plaintext { get; init; } = plaintext => plaintext;

    /// <summary>The leaf whose key is used and named; null for the own.</summary>
    public LeafIndex? Leaf { get; init; }

    /// <summary>The generation whose key is used and named; null for the next one.</summary>
    public uint? Generation { get; init; }

    public Func<PrivateMessage, PrivateMessage> Message { get; init; } = message => message;

    public MlsMessage Public(ContentBody body) => Public(Sign(WireFormat.PublicMessage, body));

    public MlsMessage Private(ContentBody body) => Private(Sign(WireFormat.PrivateMessage, body));

    public AuthenticatedContent Sign(WireFormat format, ContentBody body)
    {
        var content = Content(new FramedContent(group.GroupId, group.Epoch, Sender.Member(_epoch.Own), default, body));
        return Signed(AuthenticatedContent.Sign(format, content, key, Context ?? _epoch.Context));
    }

    public MlsMessage Public(AuthenticatedContent signed)
    {
        if (signed.Content.Sender.Type != SenderType.Member)
            return MlsMessage.Of(new PublicMessage(signed, null));
        var writer = new TlsWriter();
        signed.Content.WriteToBeSigned(writer, WireFormat.PublicMessage, Context ?? _epoch.Context);
        signed.WriteAuth(writer);
        var tag = MembershipTag(_epoch.Crypto.Mac(_epoch.Secrets.Membership.Bytes, writer.Written));
        return MlsMessage.Of(new PublicMessage(signed, tag));
    }

    public MlsMessage Private(AuthenticatedContent signed)
    {
        var content = signed.Content;
        var unlimited = new MlsLimits { ForwardJump = uint.MaxValue };
        var leaf = Leaf ?? _epoch.Own;
        var step = Generation is { } generation
            ? _epoch.SecretTree.At(leaf, content.Type, generation, unlimited)
            : _epoch.SecretTree.Next(leaf, content.Type, unlimited);
        try
        {
            var ciphertext = Encrypt(signed, step.Key);
            var senderData = new SenderData(leaf, step.Key.Generation, new byte[SenderData.ReuseGuardLength])
                .Encrypt(_epoch.Crypto, _epoch.Secrets.SenderDataSource(_epoch.Crypto), ciphertext, Header(content, withData: false));
            return MlsMessage.Of(Message(new PrivateMessage(
                content.GroupId, content.Epoch, content.Type, content.AuthenticatedData, senderData, ciphertext)));
        }
        finally
        {
            step.Drop();
        }
    }

    private byte[] Encrypt(AuthenticatedContent signed, Ratchets.MessageKey messageKey)
    {
        var plaintext = new TlsWriter();
        signed.Content.Body.Write(plaintext);
        signed.WriteAuth(plaintext);
        var nonce = new byte[_epoch.Crypto.NonceLength];
        messageKey.GuardedNonce(new byte[SenderData.ReuseGuardLength], nonce);
        return _epoch.Crypto.Seal(messageKey.Key, nonce, Header(signed.Content, withData: true), Plaintext(plaintext.ToArray()));
    }

    private static byte[] Header(FramedContent content, bool withData) => TlsWriter.Encode(writer =>
    {
        writer.WriteVector(content.GroupId.Bytes);
        writer.WriteUInt64(content.Epoch.Value);
        writer.WriteByte((byte)content.Type);
        if (withData)
            writer.WriteVector(content.AuthenticatedData);
    });
}
