using System.Globalization;
using System.Text;
using CsCheck;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Tests.Screen;

public sealed class ShownTextTests
{
    private static readonly string[] Scripts =
    [
        "Grüße, naïve Œuvre, Łódź, İstanbul", "Ελληνικά πολυτονικό ᾅ", "Кириллица Ѣ", "Հայերեն", "ქართული", "שָׁלוֹם עוֹלָם",
        "السَّلَامُ عَلَيْكُمْ ۝ ؀", "می\u200Cخواهم نامه\u200Cای", "ܫܠܡܐ ܏", "ދިވެހި", "ߒߞߏ", "नमस्ते क्\u200Dष र्\u200Dय क्\u200Cष", "বাংলা র‍্য", "ਪੰਜਾਬੀ",
        "ગુજરાતી", "ଓଡ଼ିଆ", "தமிழ் ஸ்ரீ", "తెలుగు", "ಕನ್ನಡ", "മലയാളം ന്‍", "සිංහල ශ්\u200Dරී", "ภาษาไทย น้ำ ที่", "ພາສາລາວ",
        "བོད་སྐད་ སྒྲུབ་", "မြန်မာ", "አማርኛ", "ខ្មែរ", "ᠮᠣᠩᠭᠣᠯ ᠠ\u180E\u1820 ᠠ\u180B", "한국어 \u1112\u1161\u11AB \u1112\u119E\u11AB", "日本語 カタカナ が", "葛\U000E0100城", "中文 𠮷野家",
        "ꯃꯤꯇꯩ", "ꦧꦱꦗꦮ", "ᬩᬮᬶ", "𞤀𞤁𞤂", "𓀀𓂋", "𝔐𝔞𝔱𝔥 ∑∫≠", "Việt e\u0302\u0301\u0323", "⠃⠗⠇", "\uE000 private",
        "😀 ❤\uFE0F ☂\uFE0E 1\uFE0F\u20E3 #\uFE0F\u20E3 🇩🇪🇯🇵 👍🏽 ©\uFE0F", "👩\u200D👩\u200D👧\u200D👦 👩🏽\u200D💻 🏳\uFE0F\u200D🌈 ❤\uFE0F\u200D🔥 🧔\u200D♂\uFE0F",
        "👩🏻\u200D❤\uFE0F\u200D💋\u200D👨🏿", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "nbsp\u00A0 thin\u2009 ideographic\u3000",
    ];

    public static TheoryData<string> ScriptSamples => [.. Scripts];

    public static TheoryData<int> Controls => [.. Enumerable.Range(0, 0x20), .. Enumerable.Range(0x7F, 0x21)];

    [Theory]
    [MemberData(nameof(ScriptSamples))]
    public void Every_script_stays_as_it_is(string text)
    {
        Assert.Same(text, ShownText.Of(text));
        Assert.Equal(text, ShownText.Of(Encoding.UTF8.GetBytes(text)));
        Assert.True(ShownText.IsSafe(text));
    }

    [Theory]
    [MemberData(nameof(Controls))]
    public void Every_control_becomes_a_mark(int control)
    {
        var text = $"a{(char)control}b";
        var expected = control switch
        {
            '\t' => "a    b",
            < 0x20 => $"a{(char)(0x2400 + control)}b",
            0x7F => "a␡b",
            _ => $"a⟦U+{control:X4}⟧b",
        };
        Assert.Equal(expected, ShownText.Of(text));
        Assert.Equal(expected, ShownText.Of(Encoding.UTF8.GetBytes(text)));
        Assert.False(ShownText.IsSafe(text));
    }

    [Fact]
    public void Every_single_byte_is_shown_without_a_control()
    {
        for (var value = 0; value < 256; value++)
        {
            var shown = ShownText.Of([(byte)'[', (byte)value, (byte)']']);
            AssertPrintable(shown);
            if (value >= 0x80)
                Assert.Equal($"[⟦{value:X2}⟧]", shown);
        }
    }

    [Theory]
    [InlineData("\e[31m", "␛[31m")]
    [InlineData("\e[2J\e[H", "␛[2J␛[H")]
    [InlineData("\e]0;title\a", "␛]0;title␇")]
    [InlineData("\e]52;c;cm0gLXJm\e\\", "␛]52;c;cm0gLXJm␛\\")]
    [InlineData("\e]8;;https://evil\e\\text\e]8;;\e\\", "␛]8;;https://evil␛\\text␛]8;;␛\\")]
    [InlineData("\eP+q544e\e\\", "␛P+q544e␛\\")]
    [InlineData("\e_Gf=100;AAAA\e\\", "␛_Gf=100;AAAA␛\\")]
    [InlineData("\u009B31m\u009D0;t\u009C\u0090q\u009C", "⟦U+009B⟧31m⟦U+009D⟧0;t⟦U+009C⟧⟦U+0090⟧q⟦U+009C⟧")]
    [InlineData("\e[200~rm\r\n\e[201~", "␛[200~rm␍␊␛[201~")]
    [InlineData("\ec\e7\e8\e(0\eN", "␛c␛7␛8␛(0␛N")]
    [InlineData("bob\r<you> yes", "bob␍<you> yes")]
    [InlineData("a\b\b\bxyz\0", "a␈␈␈xyz␀")]
    public void Sequences_that_command_a_terminal_are_text(string text, string expected)
    {
        Assert.Equal(expected, ShownText.Of(text));
        Assert.Equal(expected, ShownText.Of(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(0x061C)]
    [InlineData(0x200B)]
    [InlineData(0x200E)]
    [InlineData(0x200F)]
    [InlineData(0x2028)]
    [InlineData(0x2029)]
    [InlineData(0x202A)]
    [InlineData(0x202B)]
    [InlineData(0x202C)]
    [InlineData(0x202D)]
    [InlineData(0x202E)]
    [InlineData(0x2060)]
    [InlineData(0x2062)]
    [InlineData(0x2065)]
    [InlineData(0x2066)]
    [InlineData(0x2067)]
    [InlineData(0x2068)]
    [InlineData(0x2069)]
    [InlineData(0x206F)]
    [InlineData(0x00AD)]
    [InlineData(0x115F)]
    [InlineData(0x1160)]
    [InlineData(0x17B4)]
    [InlineData(0x180E)]
    [InlineData(0x3164)]
    [InlineData(0xFEFF)]
    [InlineData(0xFFA0)]
    [InlineData(0xFFF9)]
    [InlineData(0xFFFE)]
    [InlineData(0x1D173)]
    [InlineData(0x1FFFF)]
    [InlineData(0xE0001)]
    [InlineData(0xE0041)]
    [InlineData(0xE007F)]
    [InlineData(0xE0100)]
    public void What_hides_or_turns_text_becomes_a_mark(int codePoint)
    {
        var text = $"gpj{char.ConvertFromUtf32(codePoint)}exe";
        Assert.Equal($"gpj⟦U+{codePoint:X4}⟧exe", ShownText.Of(text));
        Assert.Equal($"gpj⟦U+{codePoint:X4}⟧exe", ShownText.Of(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void No_code_point_at_all_lets_a_control_or_a_bidi_control_through()
    {
        for (var codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (codePoint is < 0xD800 or > 0xDFFF)
                AssertPrintable(ShownText.Of("a" + char.ConvertFromUtf32(codePoint) + "b"));
        }
    }

    [Theory]
    [InlineData("a\u200Db", "a⟦U+200D⟧b")]
    [InlineData("pay\u200Cpal", "pay⟦U+200C⟧pal")]
    [InlineData("\u200Dx", "⟦U+200D⟧x")]
    [InlineData("❤\u200D", "❤⟦U+200D⟧")]
    [InlineData("ب\u200D\u200Dب", "ب\u200D⟦U+200D⟧ب")]
    [InlineData("😀\u200C😀", "😀⟦U+200C⟧😀")]
    public void Joiners_are_kept_only_where_they_are_seen(string text, string expected) => Assert.Equal(expected, ShownText.Of(text));

    [Fact]
    public void Bytes_hidden_in_variation_selectors_show()
    {
        var hidden = string.Concat(Enumerable.Range(0xFE00, 16).Select(char.ConvertFromUtf32));
        var shown = ShownText.Of("😀" + hidden);
        Assert.StartsWith("😀\uFE00⟦U+FE01⟧⟦U+FE02⟧", shown, StringComparison.Ordinal);
        Assert.Equal(15, shown.Count(c => c == '⟦'));
    }

    [Theory]
    [InlineData("\u0301abc", "◌\u0301abc")]
    [InlineData("\u0903", "◌\u0903")]
    public void A_combining_character_that_opens_the_text_gets_a_base(string text, string expected) =>
        Assert.Equal(expected, ShownText.Of(text));

    [Theory]
    [InlineData(8, "")]
    [InlineData(9, "⟦+1⟧")]
    [InlineData(100_000, "⟦+99992⟧")]
    public void A_flood_of_combining_characters_is_cut(int marks, string cut)
    {
        var text = "z" + string.Concat(Enumerable.Repeat("\u0301\u0316", marks))[..marks] + "a";
        Assert.Equal("z" + text[1..9] + cut + "a", ShownText.Of(text));
    }

    [Fact]
    public void A_flood_of_joined_emoji_or_vowel_jamo_is_cut_too()
    {
        var family = string.Concat(Enumerable.Repeat("👩\u200D", 20)) + "👩";
        Assert.Contains("⟦U+200D⟧", ShownText.Of(family), StringComparison.Ordinal);
        Assert.Equal("\u1112" + new string('\u1161', 8) + "⟦+12⟧", ShownText.Of("\u1112" + new string('\u1161', 20)));
    }

    [Fact]
    public void Lone_surrogates_become_marks()
    {
        Assert.Equal("⟦U+D800⟧", ShownText.Of("\uD800"));
        Assert.Equal("a⟦U+DC00⟧b", ShownText.Of("a\uDC00b"));
        Assert.Equal("⟦U+DC00⟧⟦U+D800⟧", ShownText.Of("\uDC00\uD800"));
        Assert.Equal("⟦U+D83D⟧😀", ShownText.Of("\uD83D\uD83D\uDE00"));
    }

    [Theory]
    [InlineData("61C0AF62", "a⟦C0⟧⟦AF⟧b")]
    [InlineData("EDA080", "⟦ED⟧⟦A0⟧⟦80⟧")]
    [InlineData("F0908D", "⟦F0⟧⟦90⟧⟦8D⟧")]
    [InlineData("F4908080", "⟦F4⟧⟦90⟧⟦80⟧⟦80⟧")]
    [InlineData("C3A9C3", "é⟦C3⟧")]
    [InlineData("FF1BFE", "⟦FF⟧␛⟦FE⟧")]
    [InlineData("E282ACE282E282AC", "€⟦E2⟧⟦82⟧€")]
    public void Bytes_that_are_not_utf8_become_marks(string hex, string expected) =>
        Assert.Equal(expected, ShownText.Of(Convert.FromHexString(hex)));

    [Fact]
    public void Any_text_comes_out_printable_and_of_linear_length() =>
        Gen.Char.Array[0, 60].Select(chars => new string(chars)).Sample(text =>
        {
            var shown = ShownText.Of(text);
            AssertPrintable(shown);
            Assert.True(shown.Length <= 9 * text.Length);
        });

    [Fact]
    public void Any_bytes_come_out_printable_and_of_linear_length() =>
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            var shown = ShownText.Of(bytes);
            AssertPrintable(shown);
            Assert.True(shown.Length <= 9 * bytes.Length);
        });

    [Fact]
    public void Safe_text_costs_no_allocation()
    {
        Assert.All(Scripts, text => ShownText.Of(text));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var text in Scripts)
            ShownText.Of(text);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Empty_text_stays_empty()
    {
        Assert.Same("", ShownText.Of(""));
        Assert.Equal("", ShownText.Of(ReadOnlySpan<byte>.Empty));
    }

    private static void AssertPrintable(string shown)
    {
        foreach (var c in shown)
        {
            var category = char.GetUnicodeCategory(c);
            Assert.False(char.IsControl(c), $"U+{(int)c:X4}");
            Assert.False(category is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator, $"U+{(int)c:X4}");
            Assert.False(c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C' or '\uFEFF' or '\u200B', $"U+{(int)c:X4}");
        }
        foreach (var rune in shown.EnumerateRunes())
            Assert.False(rune.Value is >= 0xE0000 and <= 0xE007F, $"U+{rune.Value:X4}");
    }
}
