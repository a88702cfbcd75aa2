using System.Globalization;
using System.Text;

namespace Sotto.Terminal.Screen;

/// <summary>Which characters hide, stack or join. Code points are those of Unicode 16; -1 stands for no character.</summary>
internal static class CharacterRules
{
    private const string EnglandTags = "\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F";
    private const string ScotlandTags = "\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F";
    private const string WalesTags = "\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F";

    /// <summary>First and last code point of the scripts whose letters change shape at a joiner or non-joiner.</summary>
    private static readonly (int First, int Last)[] JoiningScripts =
    [
        (0x0590, 0x109F), (0x1780, 0x18AF), (0x1900, 0x1AAF), (0x1B00, 0x1BFF), (0xA840, 0xA87F), (0xA8E0, 0xA8FF),
        (0xA980, 0xA9DF), (0xAA60, 0xAAFF), (0xABC0, 0xABFF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10A00, 0x10FFF),
        (0x11000, 0x11FFF), (0x1E900, 0x1E95F),
    ];

    /// <summary>Whether a character prints nothing of its own and has no use that a reader could see.</summary>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Surrogate => true,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => !IsVisibleFormat(rune.Value),
        UnicodeCategory.OtherNotAssigned => IsNonCharacter(rune.Value) || IsIgnorableUnassigned(rune.Value),
        // Hangul fillers are letters by category and blank by sight.
        UnicodeCategory.OtherLetter => rune.Value is 0x3164 or 0xFFA0 or 0x115F,
        // Khmer inherent vowels: deprecated, invisible.
        UnicodeCategory.NonSpacingMark => rune.Value is 0x17B4 or 0x17B5,
        _ => false,
    };

    /// <summary>Whether a character is drawn upon the one before it: combining marks, selectors, vowel and final jamo.</summary>
    public static bool StacksOnBase(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => rune.Value is not (0x17B4 or 0x17B5),
        UnicodeCategory.SpacingCombiningMark => true,
        UnicodeCategory.OtherLetter => rune.Value is (>= 0x1160 and <= 0x11FF) or (>= 0xD7B0 and <= 0xD7FF),
        UnicodeCategory.Format => rune.Value is 0x180E or (>= 0x13430 and <= 0x1345F),
        _ => false,
    };

    /// <summary>Whether a character only selects a variant of the one before it (or separates a Mongolian vowel).</summary>
    public static bool IsSelector(int value) =>
        value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F)
            or 0x1160 or (>= 0x13430 and <= 0x1345F);

    /// <summary>
    /// Whether a selector has something to select: one after its own kind of base. Anything more is a channel for hidden bytes.
    /// </summary>
    public static bool MaySelect(int previous, int selector) => selector switch
    {
        >= 0xE0100 => IsIdeograph(previous),
        >= 0x180B and <= 0x180F => previous is >= 0x1820 and <= 0x18AA,
        >= 0x13430 and <= 0x1345F => previous is >= 0x13000 and <= 0x1345F,
        0x1160 => previous is (>= 0x1100 and <= 0x115E) or (>= 0xA960 and <= 0xA97C),
        _ => previous > ' ' && !IsSelector(previous) && previous is not (0x200C or 0x200D),
    };

    /// <summary>Whether a character belongs to a script in which zero-width joiner and non-joiner change what is seen.</summary>
    public static bool ShapesByJoiners(int value)
    {
        foreach (var (first, last) in JoiningScripts)
        {
            if (value >= first && value <= last)
                return Rune.IsLetter(new Rune(value)) || StacksOnBase(new Rune(value));
        }
        return false;
    }

    /// <summary>Whether a character can stand in an emoji sequence, the variation selector and skin tones included.</summary>
    public static bool IsPictograph(int value) =>
        value == 0xFE0F || (value >= 0x2190 && Rune.IsValid(value) && Rune.GetUnicodeCategory(new Rune(value)) is
            UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol);

    /// <summary>Length of the tag characters that follow the black flag in one of the three flags spelled so; 0 for any other.</summary>
    public static int FlagTagLength(ReadOnlySpan<char> after)
    {
        foreach (var tags in (ReadOnlySpan<string>)[EnglandTags, ScotlandTags, WalesTags])
        {
            if (after.StartsWith(tags))
                return tags.Length;
        }
        return 0;
    }

    /// <summary>Format characters that are drawn: Arabic number signs and year signs, Syriac abbreviation, Kaithi numbers.</summary>
    private static bool IsVisibleFormat(int value) =>
        value is (>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD;

    private static bool IsNonCharacter(int value) => (value & 0xFFFE) == 0xFFFE || value is >= 0xFDD0 and <= 0xFDEF;

    private static bool IsIgnorableUnassigned(int value) =>
        value is 0x2065 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    private static bool IsIdeograph(int value) =>
        value is (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
