using System.Globalization;
using System.Text;
using Wcwidth;

namespace Sotto.Terminal.Tests.Screen;

/// <summary>
/// What a person would see: a small terminal that obeys the control sequences we may send and throws for any other, wraps
/// and scrolls as xterm does, and when resized wraps again what it had wrapped, as VTE, kitty and tmux do.
/// </summary>
internal sealed class VirtualScreen(int width, int height)
{
    private readonly List<Line> _lines = [new Line()];
    private int _top;
    private int _row;
    private int _column;
    private bool _autoWrap = true;

    public int Width { get; private set; } = width;

    public int Height { get; private set; } = height;

    public bool BracketedPaste { get; private set; }

    /// <summary>How this terminal measures a character; terminals differ.</summary>
    public Func<Rune, int> Measure { get; init; } = rune => Math.Max(0, UnicodeCalculator.GetWidth(rune));

    public (int Row, int Column) Cursor => (_row - _top, Math.Min(_column, Width - 1));

    /// <summary>The cursor's row counted from the start of the scroll-back, and its column.</summary>
    public (int Row, int Column) CursorInAll => (_row, Math.Min(_column, Width - 1));

    /// <summary>The rows in the window up to the last one with anything on it, blanks at their ends cut off.</summary>
    public string[] Visible => TrimmedFrom(_top);

    /// <summary>The scroll-back and the window.</summary>
    public string[] All => TrimmedFrom(0);

    public void Write(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (rest[0] == '\e')
            {
                rest = rest[Sequence(rest)..];
                continue;
            }
            Rune.DecodeFromUtf16(rest, out var rune, out var length);
            rest = rest[length..];
            Put(rune);
        }
    }

    public void Resize(int width, int height)
    {
        var (logicalLines, cursorLine, cursorOffset) = Unwrapped();
        (Width, Height) = (width, height);
        _lines.Clear();
        for (var i = 0; i < logicalLines.Count; i++)
        {
            var start = _lines.Count;
            AddWrapped(logicalLines[i]);
            if (i == cursorLine)
                Place(start, cursorOffset);
        }
        while (_lines.Count > _row + 1 && _lines[^1].Cells.Count == 0)
            _lines.RemoveAt(_lines.Count - 1);
        _top = Math.Max(0, _lines.Count - Height);
    }

    private string[] TrimmedFrom(int first)
    {
        var rows = _lines.Skip(first).Select(line => string.Concat(line.Cells).TrimEnd()).ToList();
        while (rows.Count > 0 && rows[^1].Length == 0)
            rows.RemoveAt(rows.Count - 1);
        return [.. rows];
    }

    private int Sequence(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            throw new InvalidOperationException("Unknown escape sequence.");
        var end = 2;
        while (text[end] is < '@' or > '~')
            end++;
        Obey(text[2..end].ToString(), text[end]);
        return end + 1;
    }

    private void Obey(string parameters, char final)
    {
        switch (final, parameters)
        {
            case ('m', _):
                break;
            case ('A', _):
                _row = Math.Max(_top, _row - int.Parse(parameters, CultureInfo.InvariantCulture));
                break;
            case ('H', ""):
                (_row, _column) = (_top, 0);
                break;
            case ('J', ""):
                EraseBelow();
                break;
            case ('h' or 'l', "?7"):
                _autoWrap = final == 'h';
                break;
            case ('h' or 'l', "?2004"):
                BracketedPaste = final == 'h';
                break;
            default:
                throw new InvalidOperationException($"Unknown control sequence {parameters}{final}.");
        }
    }

    private void EraseBelow()
    {
        var line = LineAt(_row);
        if (line.Cells.Count > _column)
            line.Cells.RemoveRange(_column, line.Cells.Count - _column);
        line.Wrapped = false;
        _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
    }

    private void Put(Rune rune)
    {
        if (rune.Value == '\r')
            _column = 0;
        else if (rune.Value == '\n')
            LineFeed(wrapped: false);
        else if (Rune.IsControl(rune))
            throw new InvalidOperationException($"A control character reached the terminal: {rune.Value:X2}.");
        else if (Measure(rune) == 0)
            Combine(rune);
        else
            PutWide(rune, Math.Min(Measure(rune), Width));
    }

    private void LineFeed(bool wrapped)
    {
        LineAt(_row).Wrapped = wrapped;
        _row++;
        LineAt(_row);
        _top = Math.Max(_top, _row - Height + 1);
    }

    private void Combine(Rune rune)
    {
        var cells = LineAt(_row).Cells;
        var at = Math.Min(_column, cells.Count) - 1;
        while (at > 0 && cells[at].Length == 0)
            at--;
        if (at >= 0)
            cells[at] += rune;
    }

    private void PutWide(Rune rune, int columns)
    {
        if (_column + columns > Width)
        {
            if (_autoWrap)
            {
                LineFeed(wrapped: true);
                _column = 0;
            }
            else
            {
                _column = Width - columns;
            }
        }
        var cells = LineAt(_row).Cells;
        while (cells.Count < _column + columns)
            cells.Add(" ");
        cells[_column] = rune.ToString();
        for (var i = 1; i < columns; i++)
            cells[_column + i] = "";
        _column += columns;
    }

    private Line LineAt(int row)
    {
        while (_lines.Count <= row)
            _lines.Add(new Line());
        return _lines[row];
    }

    private (List<List<string>> Lines, int CursorLine, int CursorOffset) Unwrapped()
    {
        var (lines, cursorLine, cursorOffset) = (new List<List<string>>(), 0, 0);
        var joins = false;
        for (var row = 0; row < _lines.Count; row++)
        {
            if (!joins)
                lines.Add([]);
            if (row == _row)
                (cursorLine, cursorOffset) = (lines.Count - 1, lines[^1].Count + _column);
            lines[^1].AddRange(_lines[row].Cells);
            joins = _lines[row].Wrapped;
        }
        return (lines, cursorLine, cursorOffset);
    }

    private void AddWrapped(List<string> cells)
    {
        var line = new Line();
        for (var i = 0; i < cells.Count; i++)
        {
            var isWide = i + 1 < cells.Count && cells[i + 1].Length == 0;
            if (line.Cells.Count + (isWide ? 2 : 1) > Width && cells[i].Length > 0)
            {
                line.Wrapped = true;
                _lines.Add(line);
                line = new Line();
            }
            line.Cells.Add(cells[i]);
        }
        _lines.Add(line);
    }

    private void Place(int firstRow, int offset)
    {
        _row = firstRow;
        while (_row < _lines.Count - 1 && offset >= _lines[_row].Cells.Count)
        {
            offset -= _lines[_row].Cells.Count;
            _row++;
        }
        _column = offset;
    }

    private sealed class Line
    {
        public List<string> Cells { get; } = [];

        public bool Wrapped { get; set; }
    }
}
