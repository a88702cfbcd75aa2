using System.Formats.Cbor;

namespace Sotto.Client.Content;

/// <summary>When a message asks to be deleted (draft-ietf-mimi-content-08, Message Behavior Fields).</summary>
/// <param name="Relative">Whether the time counts from when the message is read.</param>
/// <param name="Seconds">Seconds since then, or since 1970.</param>
public readonly record struct Expiration(bool Relative, uint Seconds);

/// <summary>
/// What one message says, as the MIMI content container has it (draft-ietf-mimi-content-08). Immutable. Encoding is
/// deterministic (RFC 8949 §4.2.1); what is received is kept as it came, because its identifier covers those bytes.
/// </summary>
public sealed record MimiContent
{
    /// <summary>How long the salt is, in bytes.</summary>
    public const int SaltLength = 16;

    private const int Fields = 7;

    /// <summary>Random bytes of this message alone, <see cref="SaltLength"/> of them.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>The message that this one edits or deletes.</summary>
    public MessageId? Replaces { get; init; }

    /// <summary>Messages with equal topics belong together; empty for none.</summary>
    public ReadOnlyMemory<byte> Topic { get; init; }

    /// <summary>When the message asks to be deleted; null for never.</summary>
    public Expiration? Expires { get; init; }

    /// <summary>The message that this one answers or reacts to.</summary>
    public MessageId? InReplyTo { get; init; }

    /// <summary>Fields beyond those of the draft.</summary>
    public ContentExtensions Extensions { get; init; } = ContentExtensions.None;

    /// <summary>The body.</summary>
    public required NestedPart Body { get; init; }

    /// <summary>The content in deterministic CBOR.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        writer.WriteStartArray(Fields);
        writer.WriteByteString(Salt.Span);
        WriteId(writer, Replaces);
        writer.WriteByteString(Topic.Span);
        WriteExpiration(writer);
        WriteId(writer, InReplyTo);
        Extensions.Write(writer);
        Body.Write(writer);
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <summary>Reads content of somebody else.</summary>
    /// <exception cref="ContentException">The bytes are not one content and nothing else.</exception>
    public static MimiContent Decode(ReadOnlyMemory<byte> encoded)
    {
        var reader = new CborReader(encoded, CborConformanceMode.Strict);
        try
        {
            var content = Read(reader);
            return reader.BytesRemaining == 0 ? content : throw new ContentException(ContentError.TrailingBytes);
        }
        catch (Exception failure) when (failure is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new ContentException(ContentError.Malformed);
        }
    }

    private static MimiContent Read(CborReader reader)
    {
        reader.RequireArray(Fields);
        var salt = reader.ReadByteString();
        if (salt.Length != SaltLength)
            throw new ContentException(ContentError.Malformed);
        var content = new MimiContent
        {
            Salt = salt,
            Replaces = ReadId(reader),
            Topic = reader.ReadBytes(ContentLimits.Topic),
            Expires = ReadExpiration(reader),
            InReplyTo = ReadId(reader),
            Extensions = ContentExtensions.Read(reader),
            Body = NestedPart.Read(reader, depth: 1),
        };
        reader.ReadEndArray();
        return content;
    }

    private static MessageId? ReadId(CborReader reader)
    {
        if (reader.PeekState() == CborReaderState.Null)
        {
            reader.ReadNull();
            return null;
        }

        var bytes = reader.ReadByteString();
        return bytes.Length == MessageId.Length ? new MessageId(bytes) : throw new ContentException(ContentError.Malformed);
    }

    private static void WriteId(CborWriter writer, MessageId? id)
    {
        if (id is { } value)
            writer.WriteByteString(value.Bytes);
        else
            writer.WriteNull();
    }

    private static Expiration? ReadExpiration(CborReader reader)
    {
        if (reader.PeekState() == CborReaderState.Null)
        {
            reader.ReadNull();
            return null;
        }

        reader.RequireArray(2);
        var expiration = new Expiration(reader.ReadBoolean(), reader.ReadUInt32());
        reader.ReadEndArray();
        return expiration;
    }

    private void WriteExpiration(CborWriter writer)
    {
        if (Expires is not { } expires)
        {
            writer.WriteNull();
            return;
        }

        writer.WriteStartArray(2);
        writer.WriteBoolean(expires.Relative);
        writer.WriteUInt32(expires.Seconds);
        writer.WriteEndArray();
    }
}

/// <summary>How much content may hold. A message is bounded by the relay besides.</summary>
internal static class ContentLimits
{
    public const int Topic = 1_024;
    public const int Text = 4_096;
    public const int Url = 2_048;
    public const int Bytes = 1 << 20;
    public const int Parts = 64;
    public const int Depth = 4;
    public const int Extensions = 64;
    public const int ExtensionValue = 4_095;
    public const int ExtensionName = 255;
}

/// <summary>Reading CBOR of somebody else within limits.</summary>
internal static class CborReading
{
    public static void RequireArray(this CborReader reader, int length)
    {
        if (reader.ReadStartArray() != length)
            throw new ContentException(ContentError.Malformed);
    }

    public static byte[] ReadBytes(this CborReader reader, int most)
    {
        var bytes = reader.ReadByteString();
        return bytes.Length <= most ? bytes : throw new ContentException(ContentError.TooLong);
    }

    public static string ReadText(this CborReader reader, int most)
    {
        var text = reader.ReadTextString();
        return text.Length <= most ? text : throw new ContentException(ContentError.TooLong);
    }
}
