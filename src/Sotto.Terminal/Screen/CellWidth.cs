using System.Buffers;
using System.Globalization;
using System.Text;
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
            width = rune.Value == EmojiSelector ? Math.Max(width, 2) : width + OfRune(rune);
        return width;
    }

    // A skin tone is drawn into the emoji before it, or as a square of its own where the terminal does not know how.
    private static int OfRune(Rune rune) =>
        rune.Value is >= 0x1F3FB and <= 0x1F3FF ? 2 : Math.Max(0, UnicodeCalculator.GetWidth(rune));

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
    /// How many rows down a terminal of <paramref name="columns"/> columns has the cursor between two texts, wrapped from the left
    /// edge, character by character as most terminals do: on the row of what follows, or behind the last column if nothing does.
    /// </summary>
    public static int RowsDown(ReadOnlySpan<char> before, ReadOnlySpan<char> after, int columns)
    {
        var (rows, column) = (0, 0);
        foreach (var rune in before.EnumerateRunes())
        {
            var width = Math.Min(OfRune(rune), columns);
            if (column + width > columns)
                (rows, column) = (rows + 1, 0);
            column += width;
        }
        var next = Rune.DecodeFromUtf16(after, out var following, out _) == OperationStatus.Done ? OfRune(following) : 0;
        return column + next > columns ? rows + 1 : rows;
    }
}
