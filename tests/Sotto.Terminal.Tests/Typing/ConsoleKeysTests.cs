using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Typing;

public sealed class ConsoleKeysTests
{
    [Theory]
    [InlineData('a', ConsoleKey.A, false, false, false, nameof(KeyName.Text), "a", 0)]
    [InlineData('A', ConsoleKey.A, true, false, false, nameof(KeyName.Text), "A", 0)]
    [InlineData('é', (ConsoleKey)0, false, false, false, nameof(KeyName.Text), "é", 0)]
    [InlineData('漢', (ConsoleKey)0, false, false, false, nameof(KeyName.Text), "漢", 0)]
    [InlineData('\x01', ConsoleKey.A, false, false, true, nameof(KeyName.Text), "a", (int)KeyModifiers.Control)]
    [InlineData('\x03', ConsoleKey.C, false, false, true, nameof(KeyName.Text), "c", (int)KeyModifiers.Control)]
    [InlineData('b', ConsoleKey.B, false, true, false, nameof(KeyName.Text), "b", (int)KeyModifiers.Alt)]
    [InlineData('@', ConsoleKey.Q, false, true, true, nameof(KeyName.Text), "@", 0)]
    [InlineData('\r', ConsoleKey.Enter, false, false, false, nameof(KeyName.Enter), "", 0)]
    [InlineData('\b', ConsoleKey.Backspace, false, false, false, nameof(KeyName.Backspace), "", 0)]
    [InlineData('\x7F', ConsoleKey.Backspace, false, false, true, nameof(KeyName.Backspace), "", (int)KeyModifiers.Control)]
    [InlineData('\0', ConsoleKey.Delete, false, false, false, nameof(KeyName.Delete), "", 0)]
    [InlineData('\0', ConsoleKey.LeftArrow, false, false, true, nameof(KeyName.Left), "", (int)KeyModifiers.Control)]
    [InlineData('\0', ConsoleKey.RightArrow, false, false, false, nameof(KeyName.Right), "", 0)]
    [InlineData('\0', ConsoleKey.UpArrow, false, false, false, nameof(KeyName.Up), "", 0)]
    [InlineData('\0', ConsoleKey.DownArrow, false, false, false, nameof(KeyName.Down), "", 0)]
    [InlineData('\0', ConsoleKey.Home, false, false, false, nameof(KeyName.Home), "", 0)]
    [InlineData('\0', ConsoleKey.End, false, false, false, nameof(KeyName.End), "", 0)]
    [InlineData('\0', ConsoleKey.F1, false, false, false, nameof(KeyName.Other), "", 0)]
    [InlineData('\t', ConsoleKey.Tab, false, false, false, nameof(KeyName.Other), "", 0)]
    [InlineData('\0', ConsoleKey.D2, false, false, true, nameof(KeyName.Other), "", (int)KeyModifiers.Control)]
    public void Windows_keys_mean_the_same(char c, ConsoleKey key, bool shift, bool alt, bool control, string name, string text, int modifiers) =>
        Assert.Equal(new KeyPress(Enum.Parse<KeyName>(name), text, (KeyModifiers)modifiers), ConsoleKeys.From(new ConsoleKeyInfo(c, key, shift, alt, control)));
}
