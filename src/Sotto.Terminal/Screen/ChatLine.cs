namespace Sotto.Terminal.Screen;

/// <summary>Who a printed line comes from, which decides its form.</summary>
internal enum ChatLineKind
{
    /// <summary>What the person here said.</summary>
    Own,

    /// <summary>What the peer said.</summary>
    Peer,

    /// <summary>What the program tells.</summary>
    Notice,

    /// <summary>What the program warns of.</summary>
    Warning,
}

/// <summary>
/// One line of a conversation, in the words it arrived in: <see cref="ChatScreen"/> makes name and text safe to print.
/// </summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Name">Who said it; unused for notices and warnings.</param>
/// <param name="Text">What is said. Line breaks start a new row, indented so that no row can pass for a line of its own.</param>
internal sealed record ChatLine(ChatLineKind Kind, string Name, string Text)
{
    /// <summary>Something the program tells.</summary>
    public static ChatLine Notice(string text) => new(ChatLineKind.Notice, "", text);

    /// <summary>Something the program warns of, in red.</summary>
    public static ChatLine Warning(string text) => new(ChatLineKind.Warning, "", text);

    /// <summary>Something the person here said.</summary>
    public static ChatLine Own(string name, string text) => new(ChatLineKind.Own, name, text);

    /// <summary>Something the peer said.</summary>
    public static ChatLine Peer(string name, string text) => new(ChatLineKind.Peer, name, text);
}
