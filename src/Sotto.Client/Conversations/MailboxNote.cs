using System.Buffers.Binary;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Conversations;

/// <summary>
/// The 64 bytes that a mailbox keeps for its owner: a counter that grows with each connection, sealed by XChaCha20-Poly1305
/// under HKDF-Expand(device seed, <c>sotto 1 note</c>, 32) with relay fingerprint and mailbox id as associated data. A counter
/// above the stored one means that this store is an old copy, or that another one is in use.
/// </summary>
internal static class MailboxNote
{
    private const int ContentLength = 24;

    public static byte[] Seal(ICryptoProvider crypto, ReadOnlySpan<byte> deviceSeed, Bytes16 relay, Bytes16 mailbox, ulong counter)
    {
        Span<byte> content = stackalloc byte[ContentLength];
        content.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(content, counter);
        using var key = Key(crypto, deviceSeed);
        return SealedBytes.Seal(crypto, key.Bytes, AssociatedData(relay, mailbox), content);
    }

    /// <summary>Null when it is not one that this device made.</summary>
    public static ulong? Open(ICryptoProvider crypto, ReadOnlySpan<byte> deviceSeed, Bytes16 relay, Bytes16 mailbox, ReadOnlySpan<byte> note)
    {
        using var key = Key(crypto, deviceSeed);
        return SealedBytes.Open(crypto, key.Bytes, AssociatedData(relay, mailbox), note) is { Length: ContentLength } content
            ? BinaryPrimitives.ReadUInt64BigEndian(content)
            : null;
    }

    private static Secret Key(ICryptoProvider crypto, ReadOnlySpan<byte> deviceSeed)
    {
        var key = Secret.Create(Bytes32.Length, out var bytes);
        crypto.HkdfExpand(HashAlgorithm.Sha256, deviceSeed, "sotto 1 note"u8, bytes);
        return key;
    }

    private static byte[] AssociatedData(Bytes16 relay, Bytes16 mailbox) => new TlsWriter().Sixteen(relay).Sixteen(mailbox).ToArray();
}
