namespace Sotto.Terminal.Typing;

/// <summary>
/// A line editor without a terminal: keys in, text and cursor out. Keys are those of readline's Emacs mode. Not thread-safe.
/// </summary>
internal sealed class LineEditor
{
    private readonly LineBuffer _buffer = new();
    private readonly LineHistory _history = new();
    private char? _pendingSurrogate;

    /// <summary>The line as it stands.</summary>
    public EditorView View => new(_buffer.Text, _buffer.Cursor);

    /// <summary>Takes a key and tells what came of it. Never throws for any key.</summary>
    public EditOutcome Handle(KeyPress key)
    {
        if (!IsCut(key))
            _buffer.EndCutting();
        return key.Name switch
        {
            KeyName.Text when key.IsChord => HandleChord(key),
            KeyName.Text => Insert(JoinSurrogates(key.Text)),
            KeyName.Paste => Insert(WithPlainLineBreaks(key.Text)),
            KeyName.Enter => (key.Modifiers & KeyModifiers.Alt) != 0 ? Insert("\n") : Submit(),
            _ => Shown(HandleNamed(key)),
        };
    }

    private bool HandleNamed(KeyPress key) => key.Name switch
    {
        KeyName.Left => key.IsChord ? _buffer.WordLeft() : _buffer.Left(),
        KeyName.Right => key.IsChord ? _buffer.WordRight() : _buffer.Right(),
        KeyName.Home => _buffer.Home(),
        KeyName.End => _buffer.End(),
        KeyName.Backspace => key.IsChord ? _buffer.CutWordLeft() : _buffer.DeleteLeft(),
        KeyName.Delete => key.IsChord ? _buffer.CutWordRight() : _buffer.DeleteRight(),
        KeyName.Up => Recall(_history.Older(_buffer.Text)),
        KeyName.Down => Recall(_history.Newer(_buffer.Text)),
        _ => false,
    };

    private EditOutcome HandleChord(KeyPress key)
    {
        var letter = key.Text.Length == 1 ? char.ToLowerInvariant(key.Text[0]) : '\0';
        return (key.Modifiers & KeyModifiers.Alt) != 0 ? Shown(HandleAlt(letter)) : HandleControl(letter);
    }

    private bool HandleAlt(char letter) => letter switch
    {
        'b' => _buffer.WordLeft(),
        'f' => _buffer.WordRight(),
        'd' => _buffer.CutWordRight(),
        _ => false,
    };

    private EditOutcome HandleControl(char letter) => letter switch
    {
        'c' => CancelLine(),
        'd' when _buffer.Text.Length == 0 => EditOutcome.EndOfInput.Instance,
        'l' => EditOutcome.ClearAsked.Instance,
        'j' or 'm' => Submit(),
        _ => Shown(EditByControl(letter)),
    };

    private bool EditByControl(char letter) => letter switch
    {
        'a' => _buffer.Home(),
        'e' => _buffer.End(),
        'b' => _buffer.Left(),
        'f' => _buffer.Right(),
        'd' => _buffer.DeleteRight(),
        'h' => _buffer.DeleteLeft(),
        'k' => _buffer.CutToEnd(),
        'u' => _buffer.CutToStart(),
        'w' => _buffer.CutBlankDelimitedLeft(),
        'y' => _buffer.Yank(),
        't' => _buffer.Transpose(),
        'p' => Recall(_history.Older(_buffer.Text)),
        'n' => Recall(_history.Newer(_buffer.Text)),
        _ => false,
    };

    private static bool IsCut(KeyPress key) => key.IsChord && key.Name switch
    {
        KeyName.Backspace or KeyName.Delete => true,
        KeyName.Text when (key.Modifiers & KeyModifiers.Alt) != 0 => key.Text is "d" or "D",
        KeyName.Text => key.Text is "k" or "u" or "w" or "K" or "U" or "W",
        _ => false,
    };

    private EditOutcome Insert(string text)
    {
        _buffer.Insert(text);
        return Shown(text.Length > 0);
    }

    private EditOutcome Submit()
    {
        var text = _buffer.Text;
        _history.Add(text);
        _buffer.Set("");
        return new EditOutcome.Submitted(Lines(text));
    }

    private EditOutcome CancelLine()
    {
        if (_buffer.Text.Length == 0)
            return EditOutcome.QuitAsked.Instance;
        _history.Leave();
        _buffer.Set("");
        return EditOutcome.Changed.Instance;
    }

    private bool Recall(string? line)
    {
        if (line is null)
            return false;
        _buffer.Set(line);
        return true;
    }

    private static EditOutcome Shown(bool changed) => changed ? EditOutcome.Changed.Instance : EditOutcome.Nothing.Instance;

    /// <summary>The lines of the text; the line break that ends copied text makes no empty line.</summary>
    private static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        return lines.Length > 1 && lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static string WithPlainLineBreaks(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    /// <summary>Windows hands over the halves of a character beyond U+FFFF one by one; a half without its other is dropped.</summary>
    private string JoinSurrogates(string text)
    {
        var pending = _pendingSurrogate;
        _pendingSurrogate = text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[^1] : null;
        var whole = _pendingSurrogate is null ? text : text[..^1];
        if (whole.Length > 0 && char.IsLowSurrogate(whole[0]))
            whole = pending is null ? whole[1..] : pending + whole;
        return WithPlainLineBreaks(whole);
    }
}
