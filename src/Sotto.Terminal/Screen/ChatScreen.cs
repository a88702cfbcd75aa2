using System.Text;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Screen;

/// <summary>
/// The conversation on a terminal: lines scroll by above, the line being typed stays whole at the bottom, and a status line
/// may stand between them. Uses no alternate screen, so everything printed stays in the terminal's scroll-back.
/// </summary>
/// <remarks>
/// <para>Every member may be called from any thread. Each change is one write: take the prompt rows away, print, draw them again.</para>
/// <para>Prompt rows are broken here, with the terminal's own wrapping switched off while they are drawn, so their number is known
/// even where a terminal measures a character otherwise than we do. Printed lines are left to the terminal to wrap.</para>
/// </remarks>
internal sealed class ChatScreen
{
    private const int UnknownWidth = 80;
    private const int UnknownHeight = 24;
    private const string EraseBelow = "\e[J";
    private const string WrapOff = "\e[?7l";
    private const string WrapOn = "\e[?7h";

    private readonly Lock _gate = new();
    private readonly ITerminalDevice _device;
    private readonly ScreenStyle _style;
    private readonly List<string> _rowsAboveCursor = [];
    private string _beforeCursor = "";
    private string _afterCursor = "";
    private string _prompt;
    private string? _status;
    private EditorView _view = EditorView.Empty;
    private bool _open;
    private bool _drawn;

    /// <summary>A screen on a device, which stays the caller's to dispose. Draws nothing until <see cref="Open"/>.</summary>
    /// <param name="device">Where to draw.</param>
    /// <param name="style">Colours or none.</param>
    /// <param name="prompt">What stands before the typed text; made safe to print.</param>
    public ChatScreen(ITerminalDevice device, ScreenStyle style, string prompt = "> ")
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(style);
        ArgumentNullException.ThrowIfNull(prompt);
        _device = device;
        _style = style;
        _prompt = ShownText.Of(prompt);
    }

    /// <summary>Shows the prompt.</summary>
    public void Open() => Change(() => _open = true);

    /// <summary>Takes prompt and status away and leaves the cursor on an empty row; lines can still be printed.</summary>
    public void Close() => Change(() => _open = false);

    /// <summary>Changes what stands before the typed text, for a question for instance.</summary>
    public void SetPrompt(string prompt) => Change(() => _prompt = ShownText.Of(prompt));

    /// <summary>Replaces the status line above the prompt in place; null takes it away. Cut to one row.</summary>
    public void SetStatus(string? status) => Change(() => _status = status is null ? null : ShownText.Of(status));

    /// <summary>Shows the line being typed.</summary>
    public void ShowInput(EditorView view) => Change(() => _view = view);

    /// <summary>Prints a line above the prompt, safe whatever it holds.</summary>
    public void Print(ChatLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        PrintRows(_style.Rows(line));
    }

    /// <summary>Prints rows above the prompt as they are, control sequences included: never text from a peer.</summary>
    public void PrintRows(IEnumerable<string> trustedRows)
    {
        ArgumentNullException.ThrowIfNull(trustedRows);
        var text = new StringBuilder();
        foreach (var row in trustedRows)
            text.Append(row).Append("\r\n");
        lock (_gate)
            Redraw(text.ToString());
    }

    /// <summary>Empties the window and keeps the prompt; what was on it moves into the scroll-back.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            // As many line feeds as rows less one push just the rows above the prompt out of the top.
            var height = Height();
            Redraw(new string('\n', height - 1) + "\e[H");
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            Redraw("");
        }
    }

    private void Redraw(string printed)
    {
        var output = new StringBuilder();
        ErasePrompt(output);
        output.Append(printed);
        if (_open)
            DrawPrompt(output);
        if (output.Length > 0)
            _device.Write(output.ToString());
    }

    /// <summary>
    /// Goes up to where the prompt begins and erases from there. Rows drawn for a wider window have been wrapped by the terminal
    /// since; each began after a line break, so where they are now follows from the width now.
    /// </summary>
    private void ErasePrompt(StringBuilder output)
    {
        if (!_drawn)
            return;
        _drawn = false;
        var columns = Width();
        var up = CellWidth.RowsDown(_beforeCursor, _afterCursor, columns);
        foreach (var row in _rowsAboveCursor)
            up += CellWidth.RowsDown(row, "", columns) + 1;
        output.Append('\r');
        MoveUp(output, up);
        output.Append(EraseBelow);
        _rowsAboveCursor.Clear();
    }

    private void DrawPrompt(StringBuilder output)
    {
        var columns = Width();
        var layout = new PromptLayout(_prompt, _view, columns);
        var (first, last) = VisibleRows(layout);
        output.Append(WrapOff);
        DrawRowsAbove(output, layout, first, last, columns);
        for (var row = first; row <= last; row++)
        {
            output.Append(row == first ? "" : "\r\n");
            AppendRow(output, layout, row);
        }
        PlaceCursor(output, layout, last);
        output.Append(WrapOn);
        Remember(layout, first);
    }

    /// <summary>The rows around the cursor that fit the window together with the rows above them.</summary>
    private (int First, int Last) VisibleRows(PromptLayout layout)
    {
        var room = Math.Max(1, Height() - (_status is null ? 0 : 1));
        if (layout.Rows.Count <= room)
            return (0, layout.Rows.Count - 1);
        room = Math.Max(1, room - 1);
        var first = Math.Clamp(layout.CursorRow - room + 1, 0, layout.Rows.Count - room);
        return (first, first + room - 1);
    }

    private void DrawRowsAbove(StringBuilder output, PromptLayout layout, int first, int last, int columns)
    {
        if (_status is not null)
            DrawRowAbove(output, CellWidth.Fit(_status, columns));
        var below = layout.Rows.Count - 1 - last;
        if (first + below > 0 && Height() > _rowsAboveCursor.Count + 1)
            DrawRowAbove(output, CellWidth.Fit($"⋮ {first} more rows above, {below} below", columns));
    }

    private void DrawRowAbove(StringBuilder output, string shown)
    {
        _rowsAboveCursor.Add(shown);
        output.Append(_style.Status(shown)).Append("\r\n");
    }

    private void AppendRow(StringBuilder output, PromptLayout layout, int row)
    {
        var prompt = row == 0 ? layout.PromptLength : 0;
        if (prompt > 0)
            output.Append(_style.Prompt(layout.Rows[row][..prompt]));
        output.Append(layout.Rows[row].AsSpan(prompt));
    }

    /// <summary>
    /// Puts the cursor where it belongs by printing what stands before it once more: the terminal then counts the columns itself.
    /// </summary>
    private void PlaceCursor(StringBuilder output, PromptLayout layout, int last)
    {
        var before = layout.BeforeCursor;
        if (layout.CursorRow == last && before.Length == layout.Rows[last].Length)
            return;
        MoveUp(output, last - layout.CursorRow);
        output.Append('\r');
        var prompt = layout.CursorRow == 0 ? Math.Min(layout.PromptLength, before.Length) : 0;
        if (prompt > 0)
            output.Append(_style.Prompt(before[..prompt]));
        output.Append(before.AsSpan(prompt));
    }

    private void Remember(PromptLayout layout, int first)
    {
        for (var row = first; row < layout.CursorRow; row++)
            _rowsAboveCursor.Add(layout.Rows[row]);
        _beforeCursor = layout.BeforeCursor;
        _afterCursor = layout.Rows[layout.CursorRow][_beforeCursor.Length..];
        _drawn = true;
    }

    private static void MoveUp(StringBuilder output, int rows)
    {
        if (rows > 0)
            output.Append("\e[").Append(rows).Append('A');
    }

    private int Width() => _device.Width is > 0 and var width ? width : UnknownWidth;

    private int Height() => _device.Height is > 0 and var height ? height : UnknownHeight;
}
