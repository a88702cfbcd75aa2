using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Tests.Screen;

public sealed class ParagraphTests
{
    private const string Long = "Your keys and messages are encrypted on this disk. With a passphrase nobody can read them who has the disk alone; without one they are under a key file.";

    [Theory]
    [InlineData(80, 80)]
    [InlineData(200, 80)]
    [InlineData(0, 80)]
    [InlineData(40, 40)]
    public void Rows_fit_the_window_and_eighty_columns_and_no_word_is_cut(int columns, int most)
    {
        var rows = Paragraph.Wrap(Long, columns).Split('\n');

        Assert.True(rows.Length > 1);
        Assert.All(rows, row => Assert.InRange(row.Length, 1, most));
        Assert.Equal(Long, string.Join(' ', rows));
    }

    [Fact]
    public void A_row_is_as_full_as_it_can_be()
    {
        var rows = Paragraph.Wrap(Long, 50).Split('\n');

        for (var i = 0; i + 1 < rows.Length; i++)
            Assert.True(rows[i].Length + 1 + rows[i + 1].Split(' ')[0].Length > 50);
    }

    [Fact]
    public void A_word_that_is_longer_than_a_row_stays_whole_on_a_row_of_its_own()
    {
        var link = "sotto:i/127.0.0.1:7788#" + new string('x', 92);

        Assert.Equal($"For one person:\n{link}\nsend it", Paragraph.Wrap($"For one person: {link} send it", 80));
    }

    [Fact]
    public void Wide_characters_count_as_two_columns_and_an_indent_takes_its_room()
    {
        var text = string.Join(' ', Enumerable.Repeat("漢字", 30));

        Assert.All(Paragraph.Wrap(text, 40, indent: 10).Split('\n'), row => Assert.InRange(CellWidth.Of(row), 1, 30));
    }

    [Fact]
    public void Line_breaks_and_spaces_of_a_row_that_fits_stay()
    {
        Assert.Equal("one\n  two   three", Paragraph.Wrap("one\n  two   three", 80));
    }
}
