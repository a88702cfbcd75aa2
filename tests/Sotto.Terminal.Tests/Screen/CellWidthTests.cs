using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Tests.Screen;

public sealed class CellWidthTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("한", 2)]
    [InlineData("\u1112\u1161\u11AB", 2)]
    [InlineData("😀", 2)]
    [InlineData("❤\uFE0F", 2)]
    [InlineData("👍🏽", 4)]
    [InlineData("ﾊﾝｶｸ", 4)]
    [InlineData("Ｆｕｌｌ", 8)]
    [InlineData("⏎", 1)]
    public void Columns_are_counted_and_never_too_few(string text, int columns) => Assert.Equal(columns, CellWidth.Of(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("漢字漢", 5, "漢字…")]
    [InlineData("漢字漢", 4, "漢…")]
    [InlineData("e\u0301e\u0301e\u0301", 2, "e\u0301…")]
    [InlineData("abc", 1, "…")]
    [InlineData("abc", 0, "")]
    public void Text_is_cut_to_a_number_of_columns_at_whole_characters(string text, int columns, string expected) =>
        Assert.Equal(expected, CellWidth.Fit(text, columns));
}
