using System.Text;

namespace Sotto.Terminal.Screen;

/// <summary>Sentences of the program, broken between words so that they are easy to read on any terminal.</summary>
internal static class Paragraph
{
    /// <summary>Columns that a row takes at most, however wide the window is.</summary>
    public const int Widest = 80;

    private const int Narrowest = 20;

    /// <summary>
    /// The text with a line break in the place of some spaces, so that no row takes more columns than the window or
    /// <see cref="Widest"/>. A word that is longer than a row stays whole: it may be a link or a path that somebody copies.
    /// </summary>
    /// <param name="text">Shown text (see <see cref="ShownText"/>), in which line breaks stay.</param>
    /// <param name="columns">Of the window; 0 when they are not known.</param>
    /// <param name="indent">Columns that stand before each row and are not part of the text.</param>
    public static string Wrap(string text, int columns, int indent = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        var room = Math.Max(Narrowest, (columns > 0 ? Math.Min(columns, Widest) : Widest) - indent);
        return string.Join('\n', text.Split('\n').Select(row => WrapRow(row, room)));
    }

    private static string WrapRow(string row, int room)
    {
        if (CellWidth.Of(row) <= room)
            return row;
        var wrapped = new StringBuilder(row.Length);
        var column = 0;
        foreach (var word in row.Split(' '))
        {
            var width = CellWidth.Of(word);
            if (column > 0)
            {
                var fits = column + 1 + width <= room;
                wrapped.Append(fits ? ' ' : '\n');
                column = fits ? column + 1 : 0;
            }

            wrapped.Append(word);
            column += width;
        }

        return wrapped.ToString();
    }
}
