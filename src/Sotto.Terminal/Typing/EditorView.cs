namespace Sotto.Terminal.Typing;

/// <summary>The line being typed, as it is shown.</summary>
/// <param name="Text">What was typed, line breaks as <c>\n</c>.</param>
/// <param name="Cursor">Index into <paramref name="Text"/>, between two grapheme clusters or at an end.</param>
internal readonly record struct EditorView(string Text, int Cursor)
{
    /// <summary>Nothing typed.</summary>
    public static EditorView Empty => new("", 0);
}
