using System.Globalization;
using Wcwidth;

namespace Sotto.Terminal.Screen;

/// <summary>How many columns text takes on a terminal.</summary>
/// <remarks>
/// Terminals disagree about emoji sequences. This is the larger answer (each part counted), so a row laid out by it never
/// overflows; <see cref="ChatScreen"/> places the cursor by printing, not by counting, so a smaller answer does no harm.
/// </remarks>
internal static class CellWidth
{
    private const int EmojiSelector = 0xFE0F;

    /// <summary>Columns of one grapheme cluster of shown text (see <see cref="ShownText"/>).</summary>
    public static int OfCluster(ReadOnlySpan<char> cluster)
    {
        if (cluster.Length == 1 && cluster[0] is >= ' ' and <= '~')
            return 1;
        var width = 0;
        foreach (var rune in cluster.EnumerateRunes())
            width = rune.Value == EmojiSelector ? Math.Max(width, 2) : width + Math.Max(0, UnicodeCalculator.GetWidth(rune));
        return width;
    }

    /// <summary>Columns of shown text on one endless row.</summary>
    public static int Of(ReadOnlySpan<char> shown)
    {
        var width = 0;
        while (!shown.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(shown);
            width += OfCluster(shown[..length]);
            shown = shown[length..];
        }
        return width;
    }

    /// <summary>The text, cut after a whole cluster and ended with <c>…</c> if it takes more columns than allowed.</summary>
    public static string Fit(string shown, int columns)
    {
        if (Of(shown) <= columns)
            return shown;
        if (columns < 1)
            return "";
        var (end, width) = (0, 0);
        while (true)
        {
            var length = StringInfo.GetNextTextElementLength(shown.AsSpan(end));
            width += OfCluster(shown.AsSpan(end, length));
            if (width > columns - 1)
                return string.Concat(shown.AsSpan(0, end), "…");
            end += length;
        }
    }

    /// <summary>
    /// Where a terminal of <paramref name="columns"/> columns puts the cursor after <paramref name="shown"/>, wrapped from the
    /// left edge: how many rows down. A cursor that waits behind the last column counts as on the next row if more text follows.
    /// </summary>
    public static int RowsDown(ReadOnlySpan<char> shown, int columns, bool moreFollows)
    {
        var (rows, column) = (0, 0);
        while (!shown.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(shown);
            var width = Math.Min(OfCluster(shown[..length]), columns);
            if (column + width > columns)
                (rows, column) = (rows + 1, 0);
            column += width;
            shown = shown[length..];
        }
        return moreFollows && column == columns ? rows + 1 : rows;
    }
}
