using System.Buffers.Binary;
using System.Text;
using Sotto.Crypto;

namespace Sotto.Client.Content;

/// <summary>
/// The identifier of a message: 32 bytes over the whole content, its salt, its sender and its room
/// (draft-ietf-mimi-content-08, Message ID). Every member computes the same one.
/// </summary>
public readonly struct MessageId : IEquatable<MessageId>
{
    /// <summary>How long it is, in bytes.</summary>
    public const int Length = 32;

    // SHA-256 in the registry of named-information hash algorithms.
    private const byte Sha256 = 1;

    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>An identifier of the given bytes, which are copied.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public MessageId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"A message id has {Length} bytes.", nameof(bytes));
        _bytes = bytes.ToArray();
    }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>The identifier of a message as its sender encoded it.</summary>
    /// <param name="crypto">The primitives.</param>
    /// <param name="encoded">The content, byte for byte as it was sent.</param>
    /// <param name="salt">The content's salt.</param>
    /// <param name="senderUri">Who sent it; at most 65 535 bytes of UTF-8.</param>
    /// <param name="roomUri">Where; at most 65 535 bytes of UTF-8.</param>
    public static MessageId Of(ICryptoProvider crypto, ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> salt, string senderUri, string roomUri)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        byte[] input = [.. Prefixed(senderUri), .. Prefixed(roomUri), .. encoded, .. salt];
        Span<byte> id = stackalloc byte[Length + 1];
        id[0] = Sha256;
        crypto.Hash(HashAlgorithm.Sha256, input, id[1..]);
        return new MessageId(id[..Length]);
    }

    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(MessageId other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MessageId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes in lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(MessageId left, MessageId right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(MessageId left, MessageId right) => !left.Equals(right);

    private static byte[] Prefixed(string uri)
    {
        var prefixed = new byte[2 + Encoding.UTF8.GetByteCount(uri)];
        BinaryPrimitives.WriteUInt16BigEndian(prefixed, checked((ushort)(prefixed.Length - 2)));
        Encoding.UTF8.GetBytes(uri, prefixed.AsSpan(2));
        return prefixed;
    }
}
