namespace Sotto.Terminal.Typing;

/// <summary>Keys that the line editor tells apart.</summary>
internal enum KeyName
{
    /// <summary>A key with no meaning here.</summary>
    Other,

    /// <summary>Characters: what was typed, or the letter pressed together with Control or Alt.</summary>
    Text,

    /// <summary>Text pasted from the clipboard, line breaks included.</summary>
    Paste,

    /// <summary>Enter.</summary>
    Enter,

    /// <summary>Backspace.</summary>
    Backspace,

    /// <summary>Delete.</summary>
    Delete,

    /// <summary>Left arrow.</summary>
    Left,

    /// <summary>Right arrow.</summary>
    Right,

    /// <summary>Up arrow.</summary>
    Up,

    /// <summary>Down arrow.</summary>
    Down,

    /// <summary>Home.</summary>
    Home,

    /// <summary>End.</summary>
    End,
}

/// <summary>Keys held down together with another.</summary>
[Flags]
internal enum KeyModifiers
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Shift, where the terminal tells.</summary>
    Shift = 1,

    /// <summary>Alt, also pressed as Escape and then the key.</summary>
    Alt = 2,

    /// <summary>Control.</summary>
    Control = 4,
}

/// <summary>One key pressed, or one piece of text that arrived at once.</summary>
/// <param name="Name">Which key.</param>
/// <param name="Text">The characters of <see cref="KeyName.Text"/> and <see cref="KeyName.Paste"/>, else empty.</param>
/// <param name="Modifiers">What was held down with it.</param>
internal readonly record struct KeyPress(KeyName Name, string Text = "", KeyModifiers Modifiers = KeyModifiers.None)
{
    /// <summary>Characters typed.</summary>
    public static KeyPress Typed(string text) => new(KeyName.Text, text);

    /// <summary>Text pasted; the editor makes every kind of line break one <c>\n</c>.</summary>
    public static KeyPress Pasted(string text) => new(KeyName.Paste, text);

    /// <summary>Control and a letter, given in lower case.</summary>
    public static KeyPress Control(char letter) => new(KeyName.Text, letter.ToString(), KeyModifiers.Control);

    /// <summary>Alt and a letter.</summary>
    public static KeyPress Alt(char letter) => new(KeyName.Text, letter.ToString(), KeyModifiers.Alt);

    /// <summary>Whether Control or Alt was held down.</summary>
    public bool IsChord => (Modifiers & (KeyModifiers.Control | KeyModifiers.Alt)) != 0;
}
