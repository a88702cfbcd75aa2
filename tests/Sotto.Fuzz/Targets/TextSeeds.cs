using System.Text;

namespace Sotto.Fuzz.Targets;

internal static class TextSeeds
{
    private static readonly string[] Texts =
    [
        "", "plain text", "tab\there", "line\r\nline", "\u001b[2J\u001b]0;title\u0007", "\u009b31m", "\0\u007f\u0080\u009f", "\u202Etxt.exe\u202C",
        "\u2066\u2067\u2068\u2069\u200E\u200F\u061C", "\u200B\u200C\u200D\uFEFF\u2060\u00AD", "\u2028\u2029\u0085", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
        "\u0301first", "\u0646\u200C\u0647", "\u0915\u094D\u200D\u0937", "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\u2764\uFE0F", "a\uFE0F\uFE0F", "\u845B\U000E0100",
        "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "\U0001F3F4\U000E0041", "\U000E0001", "\u3164\uFFA0\u115F\u1160", "\u1100\u1161\u11A8",
        "\u1820\u180B\u180E", "\U00013000\U00013430\U00013001", "\uFFFE\uFDD0\U0010FFFF", "\uFFF9a\uFFFAb\uFFFB", "\u17B4\u17B5", "\u0600\u06DD", "\u05D0\u05D1 abc",
    ];

    public static IEnumerable<(string Name, byte[] Input)> All() =>
        Texts.SelectMany((text, i) => new[] { ($"utf8-{i:00}", Encoding.UTF8.GetBytes(text)), ($"utf16-{i:00}", Encoding.BigEndianUnicode.GetBytes(text)) })
            .Append(("overlong", [0xC0, 0x80, 0xE0, 0x80, 0x80, 0xF0, 0x80, 0x80, 0x80]))
            .Append(("surrogates", [0xED, 0xA0, 0x80, 0xD8, 0x00, 0xDC, 0x00, 0xDC, 0x00]))
            .Append(("cut", [.. "text"u8, 0xE2, 0x82]))
            .Append(("every-byte", [.. Enumerable.Range(0, 256).Select(i => (byte)i)]));
}
