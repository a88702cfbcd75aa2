using System.Security.Cryptography;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Framing;

/// <summary>How many zero bytes are added to a content of a length before it is encrypted (RFC 9420 §15.1).</summary>
/// <param name="contentLength">The length of PrivateMessageContent without padding, in bytes.</param>
public delegate int PaddingPolicy(int contentLength);

/// <summary>A message that is signed and encrypted (RFC 9420 §6.3).</summary>
internal sealed record PrivateMessage(
    GroupId GroupId,
    Epoch Epoch,
    ContentType ContentType,
    ReadOnlyMemory<byte> AuthenticatedData,
    ReadOnlyMemory<byte> EncryptedSenderData,
    ReadOnlyMemory<byte> Ciphertext)
{
    public static PrivateMessage Read(ref TlsReader reader)
    {
        var groupId = new GroupId(reader.ReadVector());
        var epoch = new Epoch(reader.ReadUInt64());
        var type = (ContentType)reader.ReadByte();
        Check.That(type is >= ContentType.Application and <= ContentType.Commit, MlsRule.KnownContentType);
        return new PrivateMessage(groupId, epoch, type, reader.ReadVector(), reader.ReadVector(), reader.ReadVector());
    }

    public void Write(TlsWriter writer)
    {
        WriteHeader(writer, GroupId, Epoch, ContentType);
        writer.WriteVector(AuthenticatedData);
        writer.WriteVector(EncryptedSenderData);
        writer.WriteVector(Ciphertext);
    }

    /// <summary>Encrypts content under one generation of the sender's ratchet (§6.3.1, §6.3.2).</summary>
    public static PrivateMessage Protect(
        SuiteCrypto crypto, AuthenticatedContent authenticated, MessageKey key, SecretSource senderDataSecret, PaddingPolicy? padding)
    {
        var content = authenticated.Content;
        using var plaintext = TlsWriter.Rent(content.Body.SizeHint + authenticated.Signature.Length + 128);
        content.Body.Write(plaintext);
        authenticated.WriteAuth(plaintext);
        if (padding is not null)
            plaintext.WriteZeros(padding(plaintext.Length));

        Span<byte> guard = stackalloc byte[SenderData.ReuseGuardLength];
        crypto.Provider.FillRandom(guard);
        Span<byte> nonce = stackalloc byte[crypto.NonceLength];
        key.GuardedNonce(guard, nonce);
        var associatedData = ContentAssociatedData(content.GroupId, content.Epoch, content.Type, content.AuthenticatedData);
        var ciphertext = crypto.Seal(key.Key, nonce, associatedData, plaintext.Written);

        var senderData = new SenderData(content.Sender.Leaf, key.Generation, guard);
        var encryptedSenderData = senderData.Encrypt(crypto, senderDataSecret, ciphertext, SenderAssociatedData(content.GroupId, content.Epoch, content.Type));
        return new PrivateMessage(content.GroupId, content.Epoch, content.Type, content.AuthenticatedData, encryptedSenderData, ciphertext);
    }

    /// <summary>Who sent it and under which generation (§6.3.2).</summary>
    public SenderData OpenSenderData(SuiteCrypto crypto, SecretSource senderDataSecret) =>
        SenderData.Decrypt(crypto, senderDataSecret, Ciphertext.Span, EncryptedSenderData.Span, SenderAssociatedData(GroupId, Epoch, ContentType));

    /// <summary>The content under the key that the sender data named (§6.3.1).</summary>
    public AuthenticatedContent Open(SuiteCrypto crypto, MessageKey key, in SenderData senderData)
    {
        Span<byte> nonce = stackalloc byte[crypto.NonceLength];
        key.GuardedNonce(senderData.ReuseGuard, nonce);
        var plaintext = crypto.Open(
            key.Key, nonce, ContentAssociatedData(GroupId, Epoch, ContentType, AuthenticatedData), Ciphertext.Span)
            ?? throw new MlsException(MlsRule.CiphertextOpens);

        var reader = new TlsReader(plaintext);
        var body = ContentBody.Read(ContentType, ref reader);
        var content = new FramedContent(GroupId, Epoch, Sender.Member(senderData.Leaf), AuthenticatedData, body);
        var authenticated = AuthenticatedContent.ReadAuth(WireFormat.PrivateMessage, content, ref reader);
        Check.That(!reader.ReadRest().Span.ContainsAnyExcept((byte)0), MlsRule.ZeroPadding);
        return authenticated;
    }

    private static void WriteHeader(TlsWriter writer, GroupId groupId, Epoch epoch, ContentType type)
    {
        writer.WriteVector(groupId.Bytes);
        writer.WriteUInt64(epoch.Value);
        writer.WriteByte((byte)type);
    }

    private static ReadOnlySpan<byte> SenderAssociatedData(GroupId groupId, Epoch epoch, ContentType type)
    {
        var writer = new TlsWriter(groupId.Bytes.Length + 16);
        WriteHeader(writer, groupId, epoch, type);
        return writer.Written;
    }

    private static ReadOnlySpan<byte> ContentAssociatedData(GroupId groupId, Epoch epoch, ContentType type, ReadOnlyMemory<byte> authenticatedData)
    {
        var writer = new TlsWriter(groupId.Bytes.Length + authenticatedData.Length + 24);
        WriteHeader(writer, groupId, epoch, type);
        writer.WriteVector(authenticatedData);
        return writer.Written;
    }
}

/// <summary>Which key a PrivateMessage was encrypted under (RFC 9420 §6.3.2).</summary>
internal readonly struct SenderData
{
    public const int ReuseGuardLength = 4;
    private const int EncodedLength = 4 + 4 + ReuseGuardLength;

    private readonly uint _reuseGuard;

    public SenderData(LeafIndex leaf, uint generation, ReadOnlySpan<byte> reuseGuard)
    {
        Leaf = leaf;
        Generation = generation;
        _reuseGuard = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(reuseGuard);
    }

    public LeafIndex Leaf { get; }

    public uint Generation { get; }

    public byte[] ReuseGuard
    {
        get
        {
            var guard = new byte[ReuseGuardLength];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(guard, _reuseGuard);
            return guard;
        }
    }

    public byte[] Encrypt(SuiteCrypto crypto, SecretSource senderDataSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> associatedData)
    {
        var writer = new TlsWriter(EncodedLength);
        writer.WriteUInt32(Leaf.Value);
        writer.WriteUInt32(Generation);
        writer.WriteUInt32(_reuseGuard);

        Span<byte> key = stackalloc byte[crypto.KeyLength];
        Span<byte> nonce = stackalloc byte[crypto.NonceLength];
        DeriveKey(crypto, senderDataSecret, ciphertext, key, nonce);
        var encrypted = crypto.Seal(key, nonce, associatedData, writer.Written);
        CryptographicOperations.ZeroMemory(key);
        return encrypted;
    }

    public static SenderData Decrypt(
        SuiteCrypto crypto, SecretSource senderDataSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> associatedData)
    {
        Span<byte> key = stackalloc byte[crypto.KeyLength];
        Span<byte> nonce = stackalloc byte[crypto.NonceLength];
        DeriveKey(crypto, senderDataSecret, ciphertext, key, nonce);
        var opened = crypto.Open(key, nonce, associatedData, encrypted);
        CryptographicOperations.ZeroMemory(key);
        var plaintext = opened ?? throw new MlsException(MlsRule.SenderDataOpens);

        var reader = new TlsReader(plaintext);
        var senderData = new SenderData(new LeafIndex(reader.ReadUInt32()), reader.ReadUInt32(), reader.ReadFixed(ReuseGuardLength).Span);
        reader.End();
        return senderData;
    }

    /// <summary>The key and nonce for sender data, from a sample of the content's ciphertext.</summary>
    internal static void DeriveKey(SuiteCrypto crypto, SecretSource senderDataSecret, ReadOnlySpan<byte> ciphertext, Span<byte> key, Span<byte> nonce)
    {
        var sample = ciphertext[..Math.Min(ciphertext.Length, crypto.HashLength)];
        senderDataSecret.Expand("key"u8, sample, key);
        senderDataSecret.Expand("nonce"u8, sample, nonce);
    }
}
