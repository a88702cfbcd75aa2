using QRCoder;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Tests.Screen;

public sealed class QrBlockTests
{
    private const string Invite = "sotto:d/AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

    [Theory]
    [InlineData(1, true)]
    [InlineData(40, true)]
    [InlineData(100, true)]
    [InlineData(154, true)]
    [InlineData(1, false)]
    [InlineData(100, false)]
    [InlineData(154, false)]
    public void The_rows_hold_exactly_the_modules_of_the_code_with_two_light_modules_around(int length, bool color)
    {
        var text = string.Concat(Enumerable.Repeat(Invite, 4))[..length];
        var rows = QrBlock.Render(text, 80, color);
        Assert.NotNull(rows);
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        var size = code.ModuleMatrix.Count - 4;
        Assert.Equal((size + 1) / 2, rows.Count);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
                Assert.Equal(code.ModuleMatrix[y + 2][x + 2], IsDark(rows, x, y, color));
        }
        AssertQuietZone(rows, size, color);
    }

    [Fact]
    public void What_does_not_fit_in_twenty_five_rows_is_not_drawn()
    {
        Assert.Equal(25, QrBlock.Render(new string('a', 154), 80, color: true)!.Count);
        Assert.Null(QrBlock.Render(new string('a', 155), 80, color: true));
        Assert.Null(QrBlock.Render(new string('a', 100_000), 1000, color: true));
    }

    [Fact]
    public void What_is_wider_than_the_terminal_is_not_drawn()
    {
        Assert.NotNull(QrBlock.Render(new string('a', 154), 49, color: true));
        Assert.Null(QrBlock.Render(new string('a', 154), 48, color: true));
        Assert.Null(QrBlock.Render("a", 0, color: true));
    }

    [Fact]
    public void Without_colour_there_is_no_control_sequence_and_with_it_each_row_ends_in_plain_colours()
    {
        Assert.All(QrBlock.Render(Invite, 80, color: false)!, row => Assert.DoesNotContain('\e', row));
        Assert.All(QrBlock.Render(Invite, 80, color: true)!, row =>
        {
            Assert.StartsWith("\e[38;5;16;48;5;231m", row, StringComparison.Ordinal);
            Assert.EndsWith("\e[0m", row, StringComparison.Ordinal);
        });
    }

    private static void AssertQuietZone(IReadOnlyList<string> rows, int size, bool color)
    {
        for (var along = 0; along < size; along++)
        {
            foreach (var edge in (int[])[0, 1, size - 2, size - 1])
            {
                Assert.False(IsDark(rows, along, edge, color));
                Assert.False(IsDark(rows, edge, along, color));
            }
        }
    }

    /// <summary>Reads a module back as a camera sees it: ink is black on white with colour, light on dark without.</summary>
    private static bool IsDark(IReadOnlyList<string> rows, int x, int y, bool color)
    {
        var row = rows[y / 2];
        var glyphs = color ? row[(row.IndexOf('m', StringComparison.Ordinal) + 1)..row.LastIndexOf('\e')] : row;
        var ink = glyphs[x] switch
        {
            '█' => true,
            '▀' => y % 2 == 0,
            '▄' => y % 2 == 1,
            ' ' => false,
            var other => throw new InvalidOperationException($"Unexpected {other}."),
        };
        return ink == color;
    }
}
