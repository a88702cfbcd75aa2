namespace Sotto.Terminal.Typing;

/// <summary>Translates the keys that <see cref="Console.ReadKey(bool)"/> reports on Windows, where no control sequences arrive.</summary>
internal static class ConsoleKeys
{
    /// <summary>The key in the editor's terms.</summary>
    public static KeyPress From(ConsoleKeyInfo info)
    {
        var name = Named(info.Key);
        var modifiers = Modifiers(info.Modifiers);
        if (name != KeyName.Other)
            return new KeyPress(name, "", modifiers);
        // AltGr arrives as Control and Alt together with the character it makes.
        if (!char.IsControl(info.KeyChar) && (modifiers & KeyModifiers.Control) != 0 && (modifiers & KeyModifiers.Alt) != 0)
            return KeyPress.Typed(info.KeyChar.ToString());
        if ((modifiers & KeyModifiers.Control) != 0)
            return ControlKey(info.Key, modifiers);
        return char.IsControl(info.KeyChar)
            ? new KeyPress(KeyName.Other, "", modifiers)
            : new KeyPress(KeyName.Text, info.KeyChar.ToString(), modifiers & KeyModifiers.Alt);
    }

    private static KeyPress ControlKey(ConsoleKey key, KeyModifiers modifiers) =>
        key is >= ConsoleKey.A and <= ConsoleKey.Z
            ? new KeyPress(KeyName.Text, ((char)('a' + (key - ConsoleKey.A))).ToString(), modifiers & ~KeyModifiers.Shift)
            : new KeyPress(KeyName.Other, "", modifiers);

    private static KeyName Named(ConsoleKey key) => key switch
    {
        ConsoleKey.Enter => KeyName.Enter,
        ConsoleKey.Backspace => KeyName.Backspace,
        ConsoleKey.Delete => KeyName.Delete,
        ConsoleKey.LeftArrow => KeyName.Left,
        ConsoleKey.RightArrow => KeyName.Right,
        ConsoleKey.UpArrow => KeyName.Up,
        ConsoleKey.DownArrow => KeyName.Down,
        ConsoleKey.Home => KeyName.Home,
        ConsoleKey.End => KeyName.End,
        _ => KeyName.Other,
    };

    private static KeyModifiers Modifiers(ConsoleModifiers modifiers) =>
        ((modifiers & ConsoleModifiers.Shift) != 0 ? KeyModifiers.Shift : 0)
        | ((modifiers & ConsoleModifiers.Alt) != 0 ? KeyModifiers.Alt : 0)
        | ((modifiers & ConsoleModifiers.Control) != 0 ? KeyModifiers.Control : 0);
}
