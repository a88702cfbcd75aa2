using CsCheck;
using Sotto.Direct.Files;

namespace Sotto.Direct.Tests.Files;

public sealed class NfcTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("u\u0308\u0304", "\u01D6")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    [InlineData("\uD55C", "\uD55C")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u2126", "\u03A9")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\uFB2C", "\u05E9\u05BC\u05C1")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\U0002F800", "\u4E3D")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("\u1100\u0300\u1161", "\u1100\u0300\u1161")]
    [InlineData("a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b")]
    [InlineData("\u037E\u1FEF", ";`")]
    public void Texts_take_form_C_as_the_standard_composes_them(string text, string expected) =>
        Assert.Equal(expected, Nfc.Normalize(text));

    [Fact]
    public void Every_composed_Hangul_syllable_comes_back_from_its_jamo()
    {
        for (var syllable = 0; syllable < 11172; syllable++)
        {
            var final = syllable % 28;
            var jamo = $"{(char)(0x1100 + (syllable / 588))}{(char)(0x1161 + (syllable % 588 / 28))}{(final == 0 ? "" : (char)(0x11A7 + final))}";
            Assert.Equal(((char)(0xAC00 + syllable)).ToString(), Nfc.Normalize(jamo));
        }
    }

    [Fact]
    public void A_normal_text_stays_and_the_order_of_marks_of_different_classes_does_not_matter()
    {
        var bases = Gen.OneOf("a", "e", "D", "q", "\u1100", "\uAC00", "\u05E9", "\u0915", "漢");
        var above = Gen.OneOf("\u0301", "\u0308", "\u0307", "");
        var below = Gen.OneOf("\u0323", "\u0331", "\u0327", "");
        Gen.Select(bases, above, below).Array[1, 6].Sample(clusters =>
        {
            var one = Nfc.Normalize(string.Concat(clusters.Select(c => c.Item1 + c.Item2 + c.Item3)));
            var other = Nfc.Normalize(string.Concat(clusters.Select(c => c.Item1 + c.Item3 + c.Item2)));
            Assert.Equal(one, other);
            Assert.Equal(one, Nfc.Normalize(one));
        });
    }
}
