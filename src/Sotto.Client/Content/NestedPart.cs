using System.Formats.Cbor;

namespace Sotto.Client.Content;

/// <summary>What a part is for (draft-ietf-mimi-content-08, Disposition registry). Other numbers up to 255 are unknown ones.</summary>
public enum Disposition : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>To be shown.</summary>
    Render = 1,

    /// <summary>A reaction to another message.</summary>
    Reaction = 2,

    /// <summary>About the sender.</summary>
    Profile = 3,

    /// <summary>To be shown within the text.</summary>
    Inline = 4,

    /// <summary>A small picture.</summary>
    Icon = 5,

    /// <summary>To be fetched when the reader asks for it.</summary>
    Attachment = 6,

    /// <summary>A call or conference.</summary>
    Session = 7,

    /// <summary>The sender's preview of something.</summary>
    Preview = 8,
}

/// <summary>How the parts of a <see cref="MultiPart"/> belong together.</summary>
public enum PartSemantics : byte
{
    /// <summary>The receiver takes one.</summary>
    ChooseOne = 0,

    /// <summary>They are one thing; without one of them none is shown.</summary>
    SingleUnit = 1,

    /// <summary>Each for itself.</summary>
    ProcessAll = 2,
}

/// <summary>A part of a message's body: nothing, content, a reference, or several parts (draft-ietf-mimi-content-08, Message Bodies).</summary>
public abstract record NestedPart
{
    private const uint NullCardinality = 0;
    private const uint SingleCardinality = 1;
    private const uint ExternalCardinality = 2;
    private const uint MultiCardinality = 3;

    private protected NestedPart()
    {
    }

    /// <summary>What the part is for.</summary>
    public Disposition Disposition { get; init; } = Disposition.Render;

    /// <summary>Language tags with commas between them (RFC 5646); empty for unknown.</summary>
    public string Language { get; init; } = "";

    internal static NestedPart Read(CborReader reader, int depth)
    {
        if (depth > ContentLimits.Depth)
            throw new ContentException(ContentError.TooDeep);
        var length = reader.ReadStartArray() ?? throw new ContentException(ContentError.Malformed);
        var disposition = (Disposition)ReadByte(reader);
        var language = reader.ReadText(ContentLimits.Text);
        var cardinality = reader.ReadUInt32();
        NestedPart part = (cardinality, length) switch
        {
            (NullCardinality, 3) => new NullPart(),
            (SingleCardinality, 5) => SinglePart.ReadFields(reader),
            (ExternalCardinality, 15) => ExternalPart.ReadFields(reader),
            (MultiCardinality, 5) => MultiPart.ReadFields(reader, depth),
            _ => throw new ContentException(ContentError.Malformed),
        };
        reader.ReadEndArray();
        return part with { Disposition = disposition, Language = language };
    }

    internal void Write(CborWriter writer)
    {
        var (cardinality, length) = this switch
        {
            NullPart => (NullCardinality, 3),
            SinglePart => (SingleCardinality, 5),
            ExternalPart => (ExternalCardinality, 15),
            _ => (MultiCardinality, 5),
        };
        writer.WriteStartArray(length);
        writer.WriteUInt32((uint)Disposition);
        writer.WriteTextString(Language);
        writer.WriteUInt32(cardinality);
        WriteFields(writer);
        writer.WriteEndArray();
    }

    private protected abstract void WriteFields(CborWriter writer);

    private static byte ReadByte(CborReader reader) => checked((byte)reader.ReadUInt32());
}

/// <summary>No content, for deleting and for taking a reaction back.</summary>
public sealed record NullPart : NestedPart
{
    private protected override void WriteFields(CborWriter writer)
    {
    }
}

/// <summary>Content in the message itself.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Content">Its bytes, at most 1 MiB.</param>
public sealed record SinglePart(string ContentType, ReadOnlyMemory<byte> Content) : NestedPart
{
    /// <summary>Whether both hold the same.</summary>
    public bool Equals(SinglePart? other) =>
        other is not null && Disposition == other.Disposition && Language == other.Language
        && ContentType == other.ContentType && Content.Span.SequenceEqual(other.Content.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Disposition, Language, ContentType, Content.Length);

    internal static SinglePart ReadFields(CborReader reader) => new(reader.ReadText(ContentLimits.Text), reader.ReadBytes(ContentLimits.Bytes));

    private protected override void WriteFields(CborWriter writer)
    {
        writer.WriteTextString(ContentType);
        writer.WriteByteString(Content.Span);
    }
}

/// <summary>Content that lies elsewhere, usually encrypted (draft-ietf-mimi-content-08, External content). Nothing fetches it by itself.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Url">Where it lies.</param>
public sealed record ExternalPart(string ContentType, string Url) : NestedPart
{
    /// <summary>Seconds since 1970 after which it is gone; 0 for never.</summary>
    public uint Expires { get; init; }

    /// <summary>Its size in bytes; 0 when not said.</summary>
    public ulong Size { get; init; }

    /// <summary>The AEAD's number in its IANA registry; 0 for none.</summary>
    public ushort EncryptionAlgorithm { get; init; }

    /// <summary>The AEAD's key.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The AEAD's nonce.</summary>
    public ReadOnlyMemory<byte> Nonce { get; init; }

    /// <summary>The AEAD's associated data.</summary>
    public ReadOnlyMemory<byte> AssociatedData { get; init; }

    /// <summary>The hash function's number in the registry of named-information hashes; 0 for none.</summary>
    public byte HashAlgorithm { get; init; }

    /// <summary>The hash of what lies at the address.</summary>
    public ReadOnlyMemory<byte> ContentHash { get; init; }

    /// <summary>What it is, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The name that the sender suggests for it.</summary>
    public string FileName { get; init; } = "";

    internal static ExternalPart ReadFields(CborReader reader) => new(reader.ReadText(ContentLimits.Text), reader.ReadText(ContentLimits.Url))
    {
        Expires = reader.ReadUInt32(),
        Size = reader.ReadUInt64(),
        EncryptionAlgorithm = checked((ushort)reader.ReadUInt32()),
        Key = reader.ReadBytes(ContentLimits.Text),
        Nonce = reader.ReadBytes(ContentLimits.Text),
        AssociatedData = reader.ReadBytes(ContentLimits.Text),
        HashAlgorithm = checked((byte)reader.ReadUInt32()),
        ContentHash = reader.ReadBytes(ContentLimits.Text),
        Description = reader.ReadText(ContentLimits.Text),
        FileName = reader.ReadText(ContentLimits.Text),
    };

    private protected override void WriteFields(CborWriter writer)
    {
        writer.WriteTextString(ContentType);
        writer.WriteTextString(Url);
        writer.WriteUInt32(Expires);
        writer.WriteUInt64(Size);
        writer.WriteUInt32(EncryptionAlgorithm);
        writer.WriteByteString(Key.Span);
        writer.WriteByteString(Nonce.Span);
        writer.WriteByteString(AssociatedData.Span);
        writer.WriteUInt32(HashAlgorithm);
        writer.WriteByteString(ContentHash.Span);
        writer.WriteTextString(Description);
        writer.WriteTextString(FileName);
    }
}

/// <summary>Two or more parts.</summary>
/// <param name="Semantics">How they belong together.</param>
/// <param name="Parts">The parts, at least two.</param>
public sealed record MultiPart(PartSemantics Semantics, IReadOnlyList<NestedPart> Parts) : NestedPart
{
    /// <summary>Whether both hold the same parts in the same order.</summary>
    public bool Equals(MultiPart? other) =>
        other is not null && Disposition == other.Disposition && Language == other.Language
        && Semantics == other.Semantics && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Disposition, Language, Semantics, Parts.Count);

    internal static MultiPart ReadFields(CborReader reader, int depth)
    {
        var semantics = (PartSemantics)checked((byte)reader.ReadUInt32());
        if (semantics > PartSemantics.ProcessAll)
            throw new ContentException(ContentError.Malformed);
        var count = reader.ReadStartArray() ?? throw new ContentException(ContentError.Malformed);
        if (count is < 2 or > ContentLimits.Parts)
            throw new ContentException(count < 2 ? ContentError.Malformed : ContentError.TooLong);
        var parts = new List<NestedPart>(count);
        for (var i = 0; i < count; i++)
            parts.Add(Read(reader, depth + 1));
        reader.ReadEndArray();
        return new MultiPart(semantics, parts);
    }

    private protected override void WriteFields(CborWriter writer)
    {
        writer.WriteUInt32((uint)Semantics);
        writer.WriteStartArray(Parts.Count);
        foreach (var part in Parts)
            part.Write(writer);
        writer.WriteEndArray();
    }
}
