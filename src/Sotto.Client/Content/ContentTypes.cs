namespace Sotto.Client.Content;

/// <summary>Media types that conversations carry. Private ones are documented in docs/protocol/conversations.md.</summary>
internal static class ContentTypes
{
    /// <summary>Text, in the subset of CommonMark that the draft names.</summary>
    public const string Text = "text/markdown;variant=GFM-MIMI";

    /// <summary>Plain text.</summary>
    public const string PlainText = "text/plain;charset=utf-8";

    /// <summary>The first entry of a device in a conversation: <see cref="Introduction"/>.</summary>
    public const string Introduction = "application/vnd.sotto.introduction";

    /// <summary>Which messages arrived and which were read: <see cref="StatusReport"/>.</summary>
    public const string Status = "application/vnd.sotto.status";
}

/// <summary>Private extension fields of contents.</summary>
internal static class ContentFields
{
    /// <summary>The sender's clock, Unix milliseconds.</summary>
    public static ExtensionName SentAt { get; } = new(-70_001, null);

    /// <summary>Counts the contents of one leaf in one group from 1, without a gap.</summary>
    public static ExtensionName Counter { get; } = new(-70_002, null);
}
