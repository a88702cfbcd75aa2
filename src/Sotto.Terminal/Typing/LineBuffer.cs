using System.Globalization;
using System.Text;

namespace Sotto.Terminal.Typing;

/// <summary>
/// Text with a cursor that only ever stands between grapheme clusters (UAX #29, as the BCL's <see cref="StringInfo"/> cuts them),
/// and the text last cut out of it. Movements return whether anything changed.
/// </summary>
internal sealed class LineBuffer
{
    private string _cut = "";
    private bool _cutting;

    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The cursor, an index into <see cref="Text"/>.</summary>
    public int Cursor { get; private set; }

    /// <summary>Replaces everything and puts the cursor at the end.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    /// <summary>Puts text in at the cursor and the cursor behind it.</summary>
    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor = BoundaryFrom(Cursor + text.Length);
    }

    /// <summary>One cluster to the left.</summary>
    public bool Left() => MoveTo(Before(Cursor));

    /// <summary>One cluster to the right.</summary>
    public bool Right() => MoveTo(After(Cursor));

    /// <summary>To the start.</summary>
    public bool Home() => MoveTo(0);

    /// <summary>To the end.</summary>
    public bool End() => MoveTo(Text.Length);

    /// <summary>To the start of the word at or before the cursor. A word is letters, digits and their marks.</summary>
    public bool WordLeft() => MoveTo(WordStart());

    /// <summary>To the end of the word at or after the cursor.</summary>
    public bool WordRight() => MoveTo(WordEnd());

    /// <summary>Takes away the cluster before the cursor.</summary>
    public bool DeleteLeft() => Remove(Before(Cursor), Cursor).Length > 0;

    /// <summary>Takes away the cluster after the cursor.</summary>
    public bool DeleteRight() => Remove(Cursor, After(Cursor)).Length > 0;

    /// <summary>Cuts to the start.</summary>
    public bool CutToStart() => CutBefore(0);

    /// <summary>Cuts to the end.</summary>
    public bool CutToEnd() => CutAfter(Text.Length);

    /// <summary>Cuts the word before the cursor.</summary>
    public bool CutWordLeft() => CutBefore(WordStart());

    /// <summary>Cuts the word after the cursor.</summary>
    public bool CutWordRight() => CutAfter(WordEnd());

    /// <summary>Cuts back to the white space before the cursor, whatever stands between.</summary>
    public bool CutBlankDelimitedLeft()
    {
        var start = Cursor;
        while (start > 0 && char.IsWhiteSpace(Text[start - 1]))
            start--;
        while (start > 0 && !char.IsWhiteSpace(Text[start - 1]))
            start--;
        return CutBefore(start);
    }

    /// <summary>Puts in what was last cut.</summary>
    public bool Yank()
    {
        Insert(_cut);
        return _cut.Length > 0;
    }

    /// <summary>Exchanges the clusters around the cursor, or the last two at the end, and moves on.</summary>
    public bool Transpose()
    {
        var right = Cursor == Text.Length ? Before(Cursor) : Cursor;
        var left = Before(right);
        if (left == right)
            return false;
        var end = After(right);
        Text = string.Concat(string.Concat(Text.AsSpan(0, left), Text.AsSpan(right, end - right), Text.AsSpan(left, right - left)), Text.AsSpan(end));
        Cursor = BoundaryFrom(end);
        return true;
    }

    /// <summary>Ends a series of cuts: the next one starts afresh instead of adding to what was cut.</summary>
    public void EndCutting() => _cutting = false;

    private bool CutBefore(int start)
    {
        var text = Remove(start, Cursor);
        _cut = _cutting ? text + _cut : text.Length > 0 ? text : _cut;
        _cutting |= text.Length > 0;
        return text.Length > 0;
    }

    private bool CutAfter(int end)
    {
        var text = Remove(Cursor, end);
        _cut = _cutting ? _cut + text : text.Length > 0 ? text : _cut;
        _cutting |= text.Length > 0;
        return text.Length > 0;
    }

    private bool MoveTo(int cursor)
    {
        var moved = cursor != Cursor;
        Cursor = cursor;
        return moved;
    }

    private string Remove(int start, int end)
    {
        var removed = Text[start..end];
        Text = Text.Remove(start, end - start);
        // What was apart may have become one cluster.
        Cursor = BoundaryFrom(start);
        return removed;
    }

    private int WordStart()
    {
        var position = Cursor;
        while (position > 0 && !IsWordBefore(position, out var start))
            position = start;
        while (position > 0 && IsWordBefore(position, out var start))
            position = start;
        return BoundaryAtOrBefore(position);
    }

    private int WordEnd()
    {
        var position = Cursor;
        while (position < Text.Length && !IsWordAfter(position, out var end))
            position = end;
        while (position < Text.Length && IsWordAfter(position, out var end))
            position = end;
        return BoundaryFrom(position);
    }

    private bool IsWordBefore(int position, out int start)
    {
        Rune.DecodeLastFromUtf16(Text.AsSpan(0, position), out var rune, out var length);
        start = position - length;
        return IsWord(rune);
    }

    private bool IsWordAfter(int position, out int end)
    {
        Rune.DecodeFromUtf16(Text.AsSpan(position), out var rune, out var length);
        end = position + length;
        return IsWord(rune);
    }

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private int Before(int position) => position == 0 ? 0 : BoundaryAtOrBefore(position - 1);

    private int After(int position) => position == Text.Length ? position : BoundaryFrom(position + 1);

    /// <summary>The cluster boundary at the position or the next one after it.</summary>
    private int BoundaryFrom(int position)
    {
        var boundary = SafeStart(position);
        while (boundary < position)
            boundary += StringInfo.GetNextTextElementLength(Text, boundary);
        return boundary;
    }

    private int BoundaryAtOrBefore(int position)
    {
        var boundary = SafeStart(position);
        while (true)
        {
            var next = boundary >= Text.Length ? int.MaxValue : boundary + StringInfo.GetNextTextElementLength(Text, boundary);
            if (next > position)
                return boundary;
            boundary = next;
        }
    }

    /// <summary>
    /// A boundary at or before the position, near it: there is one after each line break and between two ASCII characters (the
    /// exception, CR and LF, does not get in).
    /// </summary>
    private int SafeStart(int position)
    {
        while (position > 0)
        {
            if (Text[position - 1] == '\n')
                return position;
            if (position < Text.Length && char.IsAscii(Text[position]) && char.IsAscii(Text[position - 1]))
                return position;
            position--;
        }
        return 0;
    }
}
