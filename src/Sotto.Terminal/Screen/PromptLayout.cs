using System.Globalization;
using System.Text;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Screen;

/// <summary>
/// The prompt and the typed text cut into rows of a given width, with the cursor's place in them. Rows hold safe text only:
/// line breaks in the typed text show as <c>⏎</c>, controls as marks.
/// </summary>
internal sealed class PromptLayout
{
    /// <summary>What stands for a line break in the typed text.</summary>
    public const string LineBreak = "⏎";

    private readonly int _columns;
    private readonly List<string> _rows = [];
    private readonly StringBuilder _row = new();
    private int _column;

    /// <summary>Lays out the prompt (safe text) and the line being typed.</summary>
    public PromptLayout(string prompt, EditorView view, int columns)
    {
        _columns = columns;
        Place(prompt);
        PromptLength = _rows.Count == 0 ? _row.Length : 0;
        PlaceText(view.Text.AsSpan(0, view.Cursor));
        if (_column == columns)
            EndRow();
        CursorRow = _rows.Count;
        BeforeCursorLength = _row.Length;
        PlaceText(view.Text.AsSpan(view.Cursor));
        EndRow();
    }

    /// <summary>The rows, from the top; at least one.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>Characters at the start of the first row that are the prompt; 0 if it did not fit on that row.</summary>
    public int PromptLength { get; }

    /// <summary>The row that the cursor stands in.</summary>
    public int CursorRow { get; }

    /// <summary>The part of the cursor's row that lies before the cursor.</summary>
    public string BeforeCursor => _rows[CursorRow][..BeforeCursorLength];

    private int BeforeCursorLength { get; }

    private void PlaceText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(text);
            var cluster = text[..length];
            if (cluster is "\n")
                Place(LineBreak);
            else if (ShownText.IsSafe(cluster))
                PlaceCluster(cluster);
            else
                Place(ShownText.Of(cluster.ToString()));
            text = text[length..];
        }
    }

    private void Place(ReadOnlySpan<char> shown)
    {
        while (!shown.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(shown);
            PlaceCluster(shown[..length]);
            shown = shown[length..];
        }
    }

    private void PlaceCluster(ReadOnlySpan<char> cluster)
    {
        var width = CellWidth.OfCluster(cluster);
        if (width > _columns)
        {
            cluster = "?";
            width = 1;
        }
        if (_column + width > _columns)
            EndRow();
        _row.Append(cluster);
        _column += width;
    }

    private void EndRow()
    {
        _rows.Add(_row.ToString());
        _row.Clear();
        _column = 0;
    }
}
