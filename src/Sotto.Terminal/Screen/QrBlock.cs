using System.Collections;
using System.Text;
using QRCoder;
using QRCoder.Exceptions;

namespace Sotto.Terminal.Screen;

/// <summary>
/// A QR code (ISO/IEC 18004, error correction level L) in half-block characters, two modules to a character. Dark on light by
/// explicit colours, so that the terminal's own do not matter; without colour it is drawn for light text on a dark ground.
/// </summary>
internal static class QrBlock
{
    /// <summary>Light modules around the code.</summary>
    public const int QuietZone = 2;

    /// <summary>Rows that a code may take.</summary>
    public const int MostRows = 25;

    // QRCoder's matrix carries a border of its own.
    private const int MatrixBorder = 4;

    // Fixed entries of the 256-colour table; the first sixteen follow the person's theme.
    private const string BlackOnWhite = "\e[38;5;16;48;5;231m";
    private const string Reset = "\e[0m";

    /// <summary>The code as rows for <see cref="ChatScreen.PrintRows"/>, or null if it would take too many rows or columns.</summary>
    /// <param name="text">What a camera shall read.</param>
    /// <param name="columns">Columns of the terminal.</param>
    /// <param name="color">Whether colours may be used.</param>
    public static IReadOnlyList<string>? Render(string text, int columns, bool color)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Encode(text) is not { } modules)
            return null;
        var size = modules.Count - (2 * MatrixBorder) + (2 * QuietZone);
        if (size > columns || (size + 1) / 2 > MostRows)
            return null;
        var rows = new List<string>();
        for (var top = 0; top < size; top += 2)
            rows.Add(Row(modules, top, size, color));
        return rows;
    }

    private static List<BitArray>? Encode(string text)
    {
        try
        {
            using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
            return data.ModuleMatrix;
        }
        catch (DataTooLongException)
        {
            return null;
        }
    }

    private static string Row(List<BitArray> modules, int top, int size, bool color)
    {
        var row = new StringBuilder(color ? BlackOnWhite : "");
        for (var column = 0; column < size; column++)
        {
            // The ink is black on white with colour and the light text on a dark ground without.
            var upper = IsDark(modules, column, top) == color;
            var lower = top + 1 < size ? IsDark(modules, column, top + 1) == color : !color;
            row.Append((upper, lower) switch
            {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                _ => ' ',
            });
        }
        return color ? row.Append(Reset).ToString() : row.ToString();
    }

    private static bool IsDark(List<BitArray> modules, int x, int y) =>
        modules[y + MatrixBorder - QuietZone][x + MatrixBorder - QuietZone];
}
