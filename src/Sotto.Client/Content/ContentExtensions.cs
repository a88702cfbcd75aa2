using System.Collections.Immutable;
using System.Formats.Cbor;

namespace Sotto.Client.Content;

/// <summary>The name of an extension field: a number of the registry or below zero, or a text (draft-ietf-mimi-content-08, Extension Fields).</summary>
/// <param name="Number">The number, when there is no text.</param>
/// <param name="Text">The text, or null.</param>
public readonly record struct ExtensionName(long Number, string? Text)
{
    /// <summary>Who sent the message.</summary>
    public static ExtensionName SenderUri { get; } = new(1, null);

    /// <summary>The room that it was sent to.</summary>
    public static ExtensionName RoomUri { get; } = new(2, null);
}

/// <summary>
/// The extension fields of a message. Values that nobody here knows are kept as the CBOR that they came in, so that they
/// are written again as they were.
/// </summary>
public sealed class ContentExtensions : IEquatable<ContentExtensions>
{
    private readonly ImmutableList<KeyValuePair<ExtensionName, ReadOnlyMemory<byte>>> _fields;

    private ContentExtensions(ImmutableList<KeyValuePair<ExtensionName, ReadOnlyMemory<byte>>> fields) => _fields = fields;

    /// <summary>No extension fields.</summary>
    public static ContentExtensions None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _fields.Count;

    /// <summary>The text of a field; null when there is none of this name or it is no text.</summary>
    public string? FindText(ExtensionName name) =>
        Find(name) is { } value && new CborReader(value) is var reader && reader.PeekState() == CborReaderState.TextString ? reader.ReadTextString() : null;

    /// <summary>The whole number of a field; null when there is none of this name or it is no such number.</summary>
    public long? FindNumber(ExtensionName name)
    {
        if (Find(name) is not { } value)
            return null;
        var reader = new CborReader(value);
        try
        {
            return reader.PeekState() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger ? reader.ReadInt64() : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>These with one more field of text; one of the same name is replaced.</summary>
    public ContentExtensions With(ExtensionName name, string value) => With(name, writer => writer.WriteTextString(value));

    /// <summary>These with one more field of a whole number; one of the same name is replaced.</summary>
    public ContentExtensions With(ExtensionName name, long value) => With(name, writer => writer.WriteInt64(value));

    /// <summary>Whether both have the same fields in the same order.</summary>
    public bool Equals(ContentExtensions? other) =>
        other is not null && _fields.Count == other._fields.Count
        && _fields.Zip(other._fields).All(pair => pair.First.Key == pair.Second.Key && pair.First.Value.Span.SequenceEqual(pair.Second.Value.Span));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ContentExtensions);

    /// <inheritdoc/>
    public override int GetHashCode() => _fields.Count;

    internal static ContentExtensions Read(CborReader reader)
    {
        var count = reader.ReadStartMap() ?? throw new ContentException(ContentError.Malformed);
        if (count > ContentLimits.Extensions)
            throw new ContentException(ContentError.TooLong);
        var fields = ImmutableList.CreateBuilder<KeyValuePair<ExtensionName, ReadOnlyMemory<byte>>>();
        for (var i = 0; i < count; i++)
            fields.Add(new(ReadName(reader), ReadValue(reader)));
        reader.ReadEndMap();
        return new ContentExtensions(fields.ToImmutable());
    }

    /// <summary>Writes the fields in the order of RFC 8949 §4.2.1, which for such names is numbers from 0, numbers below 0, texts by length.</summary>
    internal void Write(CborWriter writer)
    {
        writer.WriteStartMap(_fields.Count);
        foreach (var (name, value) in _fields.OrderBy(field => EncodeName(field.Key), ByteOrder.Instance))
        {
            writer.WriteEncodedValue(EncodeName(name));
            writer.WriteEncodedValue(value.Span);
        }

        writer.WriteEndMap();
    }

    private ReadOnlyMemory<byte>? Find(ExtensionName name)
    {
        foreach (var (other, value) in _fields)
        {
            if (other == name)
                return value;
        }

        return null;
    }

    private ContentExtensions With(ExtensionName name, Action<CborWriter> write)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        write(writer);
        return new ContentExtensions(_fields.RemoveAll(field => field.Key == name).Add(new(name, writer.Encode())));
    }

    private static ExtensionName ReadName(CborReader reader)
    {
        if (reader.PeekState() != CborReaderState.TextString)
            return new ExtensionName(reader.ReadInt64(), null);
        var text = reader.ReadText(ContentLimits.ExtensionName);
        return text.Length > 0 ? new ExtensionName(0, text) : throw new ContentException(ContentError.Malformed);
    }

    private static ReadOnlyMemory<byte> ReadValue(CborReader reader)
    {
        var value = reader.ReadEncodedValue();
        if (value.Length > ContentLimits.ExtensionValue)
            throw new ContentException(ContentError.TooLong);
        RequireShallow(new CborReader(value, CborConformanceMode.Strict), depth: 1);
        return value.ToArray();
    }

    /// <summary>Maps, arrays and tags within one another at most four levels deep, the map of all extensions included.</summary>
    private static void RequireShallow(CborReader reader, int depth)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.StartArray:
                RequireRoom(depth);
                reader.ReadStartArray();
                while (reader.PeekState() != CborReaderState.EndArray)
                    RequireShallow(reader, depth + 1);
                reader.ReadEndArray();
                break;
            case CborReaderState.StartMap:
                RequireRoom(depth);
                reader.ReadStartMap();
                while (reader.PeekState() != CborReaderState.EndMap)
                    RequireShallow(reader, depth + 1);
                reader.ReadEndMap();
                break;
            case CborReaderState.Tag:
                RequireRoom(depth);
                reader.ReadTag();
                RequireShallow(reader, depth + 1);
                break;
            default:
                reader.SkipValue();
                break;
        }
    }

    private static void RequireRoom(int depth)
    {
        if (depth >= ContentLimits.Depth)
            throw new ContentException(ContentError.TooDeep);
    }

    private static byte[] EncodeName(ExtensionName name)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        if (name.Text is { } text)
            writer.WriteTextString(text);
        else
            writer.WriteInt64(name.Number);
        return writer.Encode();
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static ByteOrder Instance { get; } = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
