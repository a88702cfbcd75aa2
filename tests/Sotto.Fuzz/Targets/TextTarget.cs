using System.Globalization;
using System.Text;
using Sotto.Terminal.Screen;

namespace Sotto.Fuzz.Targets;

/// <summary>What the terminal shows of a peer's bytes: nothing that moves the cursor, turns the text or hides.</summary>
internal static class TextTarget
{
    /// <summary>The longest mark is <c>⟦U+10FFFF⟧</c>, for a character of at least two bytes.</summary>
    private const int MostPerByte = 8;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var shown = ShownText.Of(input);
        FindingException.ThrowUnless(shown.Length <= input.Length * MostPerByte, "the shown text is not linear in the input");
        Check(shown);
        FindingException.ThrowUnless(ShownText.IsSafe(shown) && ReferenceEquals(ShownText.Of(shown), shown), "what is shown is not safe");

        // The same bytes as UTF-16, lone surrogates and all.
        var text = string.Create(input.Length / 2, input, static (characters, bytes) =>
        {
            for (var i = 0; i < characters.Length; i++)
                characters[i] = (char)((bytes[2 * i] << 8) | bytes[2 * i + 1]);
        });
        Check(ShownText.Of(text));
    }

    private static void Check(string shown)
    {
        for (var at = 0; at < shown.Length; at++)
        {
            FindingException.ThrowUnless(Rune.TryGetRuneAt(shown, at, out var rune), "half a surrogate pair is shown");
            FindingException.ThrowUnless(!Moves(rune), $"U+{rune.Value:X4} is shown");
            at += rune.Utf16SequenceLength - 1;
        }
    }

    /// <summary>Controls of the terminal and of the direction of text, and line breaks.</summary>
    private static bool Moves(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x061C or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF;
}
