namespace Sotto.Terminal.Typing;

/// <summary>
/// The lines entered in this run, newest last, in memory alone. While somebody walks through them, the unfinished line and
/// changes to old ones are kept until a line is entered.
/// </summary>
internal sealed class LineHistory
{
    /// <summary>Lines kept; older ones are forgotten.</summary>
    public const int Limit = 500;

    private readonly List<string> _lines = [];
    private readonly Dictionary<int, string> _changed = [];
    private int _position;

    /// <summary>Lines kept now.</summary>
    public int Count => _lines.Count;

    /// <summary>Keeps an entered line, unless it is blank or the same as the last, and goes back to the newest.</summary>
    public void Add(string line)
    {
        if (!string.IsNullOrWhiteSpace(line) && (_lines.Count == 0 || _lines[^1] != line))
            _lines.Add(line);
        if (_lines.Count > Limit)
            _lines.RemoveAt(0);
        Leave();
    }

    /// <summary>Stops walking; the next walk starts at the newest line.</summary>
    public void Leave()
    {
        _changed.Clear();
        _position = _lines.Count;
    }

    /// <summary>The line before, or null at the oldest. <paramref name="current"/> is what stands in the editor now.</summary>
    public string? Older(string current) => _position == 0 ? null : Go(_position - 1, current);

    /// <summary>The line after, the unfinished one at last, or null when there.</summary>
    public string? Newer(string current) => _position == _lines.Count ? null : Go(_position + 1, current);

    private string Go(int position, string current)
    {
        _changed[_position] = current;
        _position = position;
        return _changed.TryGetValue(position, out var changed) ? changed : _lines[position];
    }
}
