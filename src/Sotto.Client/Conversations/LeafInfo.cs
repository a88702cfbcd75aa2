using System.Text;
using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Conversations;

/// <summary>How other members reach a device outside of the group.</summary>
internal sealed record LeafReach(string RelayUrl, Bytes16 Relay, Bytes16 IntroChannel, ReadOnlyMemory<byte> IntroKey, Bytes32 Lane, Bytes32 ContactToken)
{
    private const int LongestUrl = 512;

    public TlsWriter Write(TlsWriter writer) => writer.Vector(Encoding.UTF8.GetBytes(RelayUrl)).Sixteen(Relay).Sixteen(IntroChannel)
        .Vector(IntroKey.Span).ThirtyTwo(Lane).ThirtyTwo(ContactToken);

    /// <summary>Null when it cannot be read.</summary>
    public static LeafReach? Read(ref TlsReader reader)
    {
        var url = reader.Vector();
        var (relay, channel) = (reader.Sixteen(), reader.Sixteen());
        var key = reader.Vector();
        var (lane, token) = (reader.ThirtyTwo(), reader.ThirtyTwo());
        return url.Length <= LongestUrl && key.Length == Sizes.XWingPublicKey
            ? new(Encoding.UTF8.GetString(url), relay, channel, key.ToArray(), lane, token)
            : null;
    }
}

/// <summary>
/// The leaf extension: <c>uint8 format = 1; opaque mailbox_id&lt;V&gt; (empty or 16); uint64 list_number; opaque list_hash[32];
/// uint8 has_reach; [opaque relay_url&lt;V&gt;; opaque relay_fingerprint[16], intro_channel[16]; opaque intro_key&lt;V&gt;;
/// opaque lane_capability[32], contact_token[32]]</c>. In a KeyPackage it has the list only.
/// </summary>
internal sealed record LeafInfo(Bytes16? Mailbox, ListReference List, LeafReach? Reach)
{
    private const byte Format = 1;

    public Extension ToExtension()
    {
        var writer = new TlsWriter().Byte(Format).Vector(Mailbox is { } id ? id.ToArray() : []).Number64(List.Number).ThirtyTwo(List.Hash)
            .Byte(Reach is null ? (byte)0 : (byte)1);
        Reach?.Write(writer);
        return new(ConversationExtensions.Leaf, writer.ToArray());
    }

    /// <summary>Reads a leaf's; null when it is missing or cannot be read.</summary>
    public static LeafInfo? From(LeafNode leaf) => leaf.Extensions.Find(ConversationExtensions.Leaf) is { } data ? Read(data.Span) : null;

    /// <summary>
    /// The mailbox of a leaf: what it says, or before its first path commit the first 16 bytes of HMAC-SHA-256 of the key that
    /// it came with.
    /// </summary>
    public static Bytes16 MailboxOf(ICryptoProvider crypto, Bytes32 mailboxKey, LeafNode leaf) =>
        From(leaf)?.Mailbox is { } id ? id : MailboxOf(crypto, mailboxKey, leaf.EncryptionKey.Span);

    /// <summary>The mailbox of a KeyPackage's or creator's encryption key.</summary>
    public static Bytes16 MailboxOf(ICryptoProvider crypto, Bytes32 mailboxKey, ReadOnlySpan<byte> encryptionKey)
    {
        Span<byte> mac = stackalloc byte[Bytes32.Length];
        crypto.Hmac(HashAlgorithm.Sha256, mailboxKey.ToArray(), encryptionKey, mac);
        return new(mac[..Bytes16.Length]);
    }

    private static LeafInfo? Read(ReadOnlySpan<byte> data)
    {
        var reader = new TlsReader(data);
        var known = reader.Byte() == Format;
        var mailbox = reader.Vector();
        var list = new ListReference(reader.Number64(), reader.ThirtyTwo());
        var hasReach = reader.Byte();
        var reach = hasReach == 1 ? LeafReach.Read(ref reader) : null;
        if (!known || !reader.AtEnd || hasReach > 1 || (hasReach == 1 && reach is null) || mailbox.Length is not (0 or Bytes16.Length))
            return null;
        return new(mailbox.Length == 0 ? null : new Bytes16(mailbox), list, reach);
    }
}

/// <summary>The extension of a KeyPackage that repairs: <c>opaque group_id&lt;V&gt;; uint64 number</c>.</summary>
internal sealed record RepairMark(ReadOnlyMemory<byte> Group, ulong Number)
{
    public Extension ToExtension() => new(ConversationExtensions.Repair, new TlsWriter().Vector(Group.Span).Number64(Number).ToArray());

    public static RepairMark? From(LeafNode leaf)
    {
        if (leaf.Extensions.Find(ConversationExtensions.Repair) is not { } data)
            return null;
        var reader = new TlsReader(data.Span);
        var mark = new RepairMark(reader.Vector().ToArray(), reader.Number64());
        return reader.AtEnd ? mark : null;
    }
}
