using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sotto.Terminal.Screen;

/// <summary>What <see cref="ShownText"/> does with the characters just read.</summary>
internal enum ShownVerdict
{
    /// <summary>Print them as they are.</summary>
    Keep,

    /// <summary>Show a mark in their place.</summary>
    Mark,

    /// <summary>A combining character that opens the text: give it a base, or it lands on what was printed before.</summary>
    NeedsBase,

    /// <summary>Combining characters beyond the limit: show how many there were.</summary>
    Cut,
}

/// <summary>Reads text from left to right, a character (or a cut run) at a time, and judges each in its surroundings.</summary>
internal ref struct ShownTextReader(ReadOnlySpan<char> text)
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int BlackFlag = 0x1F3F4;

    private static readonly SearchValues<char> PrintableAscii =
        SearchValues.Create(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private readonly ReadOnlySpan<char> _text = text;
    private int _previous = -1;
    private int _stacked;

    /// <summary>Index of the first character judged.</summary>
    public int Start { get; private set; }

    /// <summary>Index after the last character judged.</summary>
    public int End { get; private set; }

    /// <summary>The code point judged, a lone surrogate's own value included.</summary>
    public int Value { get; private set; }

    /// <summary>What to do with it.</summary>
    public ShownVerdict Verdict { get; private set; }

    /// <summary>With <see cref="ShownVerdict.Cut"/>, how many combining characters the run had.</summary>
    public int CutMarks { get; private set; }

    /// <summary>The characters judged.</summary>
    public readonly ReadOnlySpan<char> Current => _text[Start..End];

    /// <summary>Moves on; false at the end.</summary>
    public bool Next()
    {
        Start = End;
        if (Start == _text.Length)
            return false;
        if (_text[Start] is >= ' ' and <= '~')
            SkipPlainAscii();
        else
            Judge();
        return true;
    }

    private void SkipPlainAscii()
    {
        var length = _text[Start..].IndexOfAnyExcept(PrintableAscii);
        End = length < 0 ? _text.Length : Start + length;
        Accept(_text[End - 1]);
    }

    private void Judge()
    {
        if (Rune.DecodeFromUtf16(_text[Start..], out var rune, out var length) != OperationStatus.Done)
        {
            End = Start + length;
            Value = _text[Start];
            Refuse();
            return;
        }
        End = Start + length;
        Value = rune.Value;
        if (CharacterRules.StacksOnBase(rune))
            Stack();
        else if (Value is ZeroWidthJoiner or ZeroWidthNonJoiner)
            JudgeJoiner();
        else if (Value == BlackFlag)
            AcceptFlag();
        else if (CharacterRules.IsHidden(rune))
            Refuse();
        else
            Accept(Value);
    }

    private void Accept(int value)
    {
        if (_previous != ZeroWidthJoiner || !CharacterRules.IsPictograph(value))
            _stacked = 0;
        _previous = value;
        Verdict = ShownVerdict.Keep;
    }

    private void Refuse()
    {
        _stacked = 0;
        _previous = -1;
        Verdict = ShownVerdict.Mark;
    }

    /// <summary>A combining character, a variation selector or a vowel jamo: allowed after a base, up to the limit.</summary>
    private void Stack()
    {
        if (CharacterRules.IsSelector(Value) && !CharacterRules.MaySelect(_previous, Value))
        {
            Refuse();
            return;
        }
        if (_stacked >= ShownText.MarksPerCharacter)
        {
            CutRun();
            return;
        }
        Verdict = Start == 0 && Rune.GetUnicodeCategory(new Rune(Value)) != UnicodeCategory.OtherLetter
            ? ShownVerdict.NeedsBase
            : ShownVerdict.Keep;
        _stacked++;
        _previous = Value;
    }

    private void CutRun()
    {
        CutMarks = 1;
        while (Rune.DecodeFromUtf16(_text[End..], out var next, out var length) == OperationStatus.Done
            && CharacterRules.StacksOnBase(next))
        {
            End += length;
            CutMarks++;
        }
        _previous = -1;
        Verdict = ShownVerdict.Cut;
    }

    /// <summary>Joiners stay inside scripts that shape by them, and the joiner between two symbols of an emoji sequence.</summary>
    private void JudgeJoiner()
    {
        // What is about to be marked or cut itself is nothing to join.
        var known = Rune.DecodeFromUtf16(_text[End..], out var rune, out _) == OperationStatus.Done;
        var room = ShownText.MarksPerCharacter - _stacked - 1;
        var stays = known && !CharacterRules.IsSelector(rune.Value) && (room > 0 || !CharacterRules.StacksOnBase(rune));
        var next = stays ? rune.Value : -1;
        var inScript = CharacterRules.ShapesByJoiners(_previous) || (_previous >= 0 && CharacterRules.ShapesByJoiners(next));
        var inEmoji = Value == ZeroWidthJoiner && CharacterRules.IsPictograph(_previous) && CharacterRules.IsPictograph(next);
        if (_previous is ZeroWidthJoiner or ZeroWidthNonJoiner || (!inScript && !inEmoji) || _stacked >= ShownText.MarksPerCharacter)
        {
            Refuse();
            return;
        }
        _stacked++;
        _previous = Value;
        Verdict = ShownVerdict.Keep;
    }

    /// <summary>The flags of England, Scotland and Wales are spelled in tag characters; no other use of those is shown.</summary>
    private void AcceptFlag()
    {
        End += CharacterRules.FlagTagLength(_text[End..]);
        Accept(Value);
    }
}
