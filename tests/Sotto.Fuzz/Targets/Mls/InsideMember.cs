using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;
using Sotto.Mls.Suites;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>What a dishonest member can make of any content: right signatures, tags and keys around it. Alice's group is only read.</summary>
internal sealed class InsideMember(MlsScene scene)
{
    private readonly EpochState _epoch = scene.Alice.Group.Current;
    private readonly SuiteCrypto _crypto = scene.Crypto;

    /// <summary>Content in Alice's name, or in whoever's name it says.</summary>
    public FramedContent Content(ContentBody body, ReadOnlyMemory<byte> authenticatedData = default) =>
        new(_epoch.Context.GroupId, _epoch.Context.Epoch, Sender.Member(_epoch.Own), authenticatedData, body);

    public MlsMessage Public(FramedContent content, ReadOnlyMemory<byte>? confirmationTag) =>
        MlsMessage.Of(PublicMessage.Protect(_crypto, Sign(WireFormat.PublicMessage, content, confirmationTag), _epoch.Context, _epoch.Secrets.Membership.Bytes));

    public MlsMessage Private(FramedContent content, ReadOnlyMemory<byte>? confirmationTag)
    {
        var signed = Sign(WireFormat.PrivateMessage, content, confirmationTag);
        var step = _epoch.SecretTree.Next(_epoch.Own, content.Type, scene.Alice.Options.Limits);
        try
        {
            return MlsMessage.Of(PrivateMessage.Protect(_crypto, signed, step.Key, _epoch.Secrets.SenderDataSource(_crypto), null));
        }
        finally
        {
            step.Drop();
        }
    }

    /// <summary>A PrivateMessage of any plaintext, which may not even parse.</summary>
    public MlsMessage PrivateOf(ContentType type, ReadOnlySpan<byte> plaintext, uint leaf, uint generation)
    {
        var step = _epoch.SecretTree.Next(_epoch.Own, type, scene.Alice.Options.Limits);
        try
        {
            Span<byte> guard = stackalloc byte[SenderData.ReuseGuardLength];
            Span<byte> nonce = stackalloc byte[_crypto.NonceLength];
            step.Key.GuardedNonce(guard, nonce);
            var sender = new TlsWriter();
            sender.WriteVector(_epoch.Context.GroupId.Bytes);
            sender.WriteUInt64(_epoch.Context.Epoch.Value);
            sender.WriteByte((byte)type);
            var senderAad = sender.ToArray();
            sender.WriteVector(default(ReadOnlyMemory<byte>));
            var ciphertext = _crypto.Seal(step.Key.Key, nonce, sender.Written, plaintext);
            var senderData = new SenderData(new(leaf), generation, guard).Encrypt(_crypto, _epoch.Secrets.SenderDataSource(_crypto), ciphertext, senderAad);
            return MlsMessage.Of(new PrivateMessage(_epoch.Context.GroupId, _epoch.Context.Epoch, type, default, senderData, ciphertext));
        }
        finally
        {
            step.Drop();
        }
    }

    /// <summary>The next generation of Alice's ratchet.</summary>
    public uint NextGeneration(ContentType type)
    {
        var step = _epoch.SecretTree.Next(_epoch.Own, type, scene.Alice.Options.Limits);
        step.Drop();
        return step.Key.Generation;
    }

    public AuthenticatedContent Sign(WireFormat format, FramedContent content, ReadOnlyMemory<byte>? confirmationTag) =>
        AuthenticatedContent.Sign(format, content, scene.Alice.SigningKey, _epoch.Context) with
        {
            ConfirmationTag = content.Type == ContentType.Commit ? confirmationTag ?? new byte[32] : null,
        };
}
