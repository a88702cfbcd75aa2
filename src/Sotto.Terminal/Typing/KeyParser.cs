using System.Globalization;
using System.Text;

namespace Sotto.Terminal.Typing;

/// <summary>
/// Turns what a terminal sends (ECMA-48 control sequences as xterm, rxvt and the Linux console use them, bracketed paste)
/// into keys. Input may be cut anywhere. Escape and then a key is Alt and the key, as in readline.
/// </summary>
internal sealed class KeyParser
{
    private const char Escape = '\e';
    private const string PasteEnd = "\e[201~";

    /// <summary>Characters of a control sequence that are looked at; a longer one is no key.</summary>
    private const int LongestSequence = 32;

    private readonly StringBuilder _collected = new();
    private State _state;
    private bool _alt;

    private enum State
    {
        Ground,
        Escape,
        ControlSequence,
        SingleShift,
        LinuxFunctionKey,
        Paste,
    }

    /// <summary>Takes the next characters and adds the keys they complete.</summary>
    public void Feed(ReadOnlySpan<char> input, ICollection<KeyPress> keys)
    {
        while (!input.IsEmpty)
            input = input[Step(input, keys)..];
    }

    private int Step(ReadOnlySpan<char> input, ICollection<KeyPress> keys)
    {
        var next = input[0];
        switch (_state)
        {
            case State.Paste:
                return CollectPaste(input, keys);
            case State.Escape:
                AfterEscape(next, keys);
                return 1;
            case State.ControlSequence:
                return CollectSequence(next, keys);
            case State.SingleShift:
                Finish(keys, CursorKey(next, rxvt: true));
                return 1;
            case State.LinuxFunctionKey:
                Finish(keys, new KeyPress(KeyName.Other));
                return 1;
            default:
                return Plain(input, keys);
        }
    }

    private int Plain(ReadOnlySpan<char> input, ICollection<KeyPress> keys)
    {
        if (input[0] == Escape)
        {
            (_state, _alt) = (State.Escape, false);
            return 1;
        }
        if (char.IsControl(input[0]))
        {
            Finish(keys, Control(input[0]));
            return 1;
        }
        var length = 1;
        while (length < input.Length && !char.IsControl(input[length]))
            length++;
        Finish(keys, KeyPress.Typed(input[..length].ToString()));
        return length;
    }

    private void AfterEscape(char next, ICollection<KeyPress> keys)
    {
        switch (next)
        {
            case Escape:
                _alt = true;
                break;
            case '[':
                _collected.Clear();
                _state = State.ControlSequence;
                break;
            case 'O':
                _state = State.SingleShift;
                break;
            default:
                _alt = true;
                Finish(keys, char.IsControl(next) ? Control(next) : KeyPress.Typed(next.ToString()));
                break;
        }
    }

    private int CollectSequence(char next, ICollection<KeyPress> keys)
    {
        if (next is >= ' ' and <= '?' && _collected.Length < LongestSequence)
        {
            _collected.Append(next);
            return 1;
        }
        _state = State.Ground;
        if (next == '[' && _collected.Length == 0)
            _state = State.LinuxFunctionKey;
        else if (next == '~' && _collected.Equals("200"))
            BeginPaste();
        else if (next is >= '@' and <= '~')
            Finish(keys, Sequence(_collected.ToString(), next));
        else
            return Abandon(next);
        return 1;
    }

    /// <summary>No key: what was collected is dropped, a control character in it counts for itself.</summary>
    private int Abandon(char next)
    {
        _alt = false;
        return char.IsControl(next) ? 0 : 1;
    }

    private void BeginPaste()
    {
        _collected.Clear();
        _state = State.Paste;
    }

    private int CollectPaste(ReadOnlySpan<char> input, ICollection<KeyPress> keys)
    {
        var length = input.IndexOf('~') + 1;
        if (length == 0)
            length = input.Length;
        _collected.Append(input[..length]);
        if (EndsPaste())
        {
            _collected.Length -= PasteEnd.Length;
            Finish(keys, KeyPress.Pasted(_collected.ToString()));
            _collected.Clear();
        }
        return length;
    }

    private bool EndsPaste()
    {
        if (_collected.Length < PasteEnd.Length)
            return false;
        Span<char> tail = stackalloc char[PasteEnd.Length];
        _collected.CopyTo(_collected.Length - PasteEnd.Length, tail, PasteEnd.Length);
        return tail.SequenceEqual(PasteEnd);
    }

    private void Finish(ICollection<KeyPress> keys, KeyPress key)
    {
        keys.Add(_alt ? key with { Modifiers = key.Modifiers | KeyModifiers.Alt } : key);
        (_state, _alt) = (State.Ground, false);
    }

    private static KeyPress Control(char control) => control switch
    {
        '\r' or '\n' => new KeyPress(KeyName.Enter),
        '\b' or '\x7F' => new KeyPress(KeyName.Backspace),
        '\t' => new KeyPress(KeyName.Other),
        >= '\x01' and <= '\x1A' => KeyPress.Control((char)('a' + control - 1)),
        _ => new KeyPress(KeyName.Other),
    };

    private static KeyPress Sequence(string parameters, char final)
    {
        var parts = parameters.Split(';');
        var number = Number(parts[0]);
        var modifiers = Modifiers(parts.Length > 1 ? Number(parts[1]) : 1);
        return final switch
        {
            '~' when number == 27 && parts.Length == 3 => Coded(Number(parts[2]), modifiers),
            '~' => Numbered(number, modifiers),
            '^' => Numbered(number, KeyModifiers.Control),
            'u' => Coded(number, modifiers),
            _ => CursorKey(final, rxvt: false) is var key && key.Name == KeyName.Other ? key : key with { Modifiers = modifiers },
        };
    }

    private static KeyPress CursorKey(char final, bool rxvt) => final switch
    {
        'A' => new KeyPress(KeyName.Up),
        'B' => new KeyPress(KeyName.Down),
        'C' => new KeyPress(KeyName.Right),
        'D' => new KeyPress(KeyName.Left),
        'H' => new KeyPress(KeyName.Home),
        'F' => new KeyPress(KeyName.End),
        'M' when rxvt => new KeyPress(KeyName.Enter),
        'c' when rxvt => new KeyPress(KeyName.Right, "", KeyModifiers.Control),
        'd' when rxvt => new KeyPress(KeyName.Left, "", KeyModifiers.Control),
        _ => new KeyPress(KeyName.Other),
    };

    private static KeyPress Numbered(int number, KeyModifiers modifiers) => number switch
    {
        1 or 7 => new KeyPress(KeyName.Home, "", modifiers),
        3 => new KeyPress(KeyName.Delete, "", modifiers),
        4 or 8 => new KeyPress(KeyName.End, "", modifiers),
        _ => new KeyPress(KeyName.Other),
    };

    /// <summary>A key sent as its code point with modifiers, as some terminals do for chords that have no code of their own.</summary>
    private static KeyPress Coded(int code, KeyModifiers modifiers)
    {
        if (code <= 0 || !Rune.IsValid(code))
            return new KeyPress(KeyName.Other);
        // Shift and Enter starts a new line inside the text, as Alt and Enter does.
        if (code == '\r')
            return new KeyPress(KeyName.Enter, "", modifiers == KeyModifiers.None ? modifiers : modifiers | KeyModifiers.Alt);
        var key = Rune.IsControl(new Rune(code)) ? Control((char)code) : KeyPress.Typed(new Rune(code).ToString());
        return key with { Modifiers = modifiers };
    }

    private static int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : digits.Length == 0 ? 1 : -1;

    /// <summary>xterm sends one more than the sum of 1 for Shift, 2 for Alt, 4 for Control, 8 for Meta.</summary>
    private static KeyModifiers Modifiers(int parameter) =>
        parameter is > 1 and <= 256 ? (KeyModifiers)((parameter - 1) & 7) : KeyModifiers.None;
}
