namespace Sotto.Client.Content;

/// <summary>What is wrong with the content of a message.</summary>
public enum ContentError
{
    /// <summary>The bytes are not well-formed CBOR, or not of the shape that the draft gives.</summary>
    Malformed,

    /// <summary>A field is longer or has more items than it may have.</summary>
    TooLong,

    /// <summary>Parts or extensions are nested more than four levels deep.</summary>
    TooDeep,

    /// <summary>There are bytes after the content.</summary>
    TrailingBytes,
}

/// <summary>Content from somebody else cannot be read. The text names the reason and holds nothing of the content.</summary>
public sealed class ContentException(ContentError error) : Exception($"The content of the message cannot be read: {error}.")
{
    /// <summary>The reason.</summary>
    public ContentError Error { get; } = error;
}
