using System.Text;
using System.Text.Unicode;

namespace Sotto.Terminal.Screen;

/// <summary>
/// Makes text from anybody safe to print on a terminal. Controls, escape bytes, bidi controls, invisible characters that can
/// fool a reader, lone surrogates and invalid UTF-8 become visible marks; a flood of combining characters is cut; every
/// script keeps the characters it needs. One pass, and no allocation for text in which nothing has to change.
/// </summary>
/// <remarks>
/// The result holds no C0 or C1 byte at all, so it is one line: callers split on line breaks first if they want several.
/// </remarks>
internal static class ShownText
{
    /// <summary>Combining characters kept on one base; the rest of a longer run is cut and counted in a mark.</summary>
    public const int MarksPerCharacter = 8;

    /// <summary>Spaces that stand for a tab.</summary>
    public const string Tab = "    ";

    private const char DottedCircle = '\u25CC';

    /// <summary>The text with marks, or the same instance when it is safe as it stands.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? marked = null;
        var copied = Scan(text, ref marked);
        return marked is null ? text : marked.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>The text with marks; bytes that are not UTF-8 are shown in hexadecimal, one mark a byte.</summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8))
            return Of(Encoding.UTF8.GetString(utf8));
        var shown = new StringBuilder(utf8.Length + 16);
        while (!utf8.IsEmpty)
        {
            var valid = ValidLength(utf8);
            shown.Append(Of(Encoding.UTF8.GetString(utf8[..valid])));
            utf8 = utf8[valid..];
            if (utf8.IsEmpty)
                break;
            shown.Append('⟦').Append(utf8[0].ToString("X2")).Append('⟧');
            utf8 = utf8[1..];
        }
        return shown.ToString();
    }

    /// <summary>Whether <see cref="Of(string)"/> would change nothing. Never allocates.</summary>
    public static bool IsSafe(ReadOnlySpan<char> text)
    {
        var reader = new ShownTextReader(text);
        while (reader.Next())
        {
            if (reader.Verdict != ShownVerdict.Keep)
                return false;
        }
        return true;
    }

    private static int ValidLength(ReadOnlySpan<byte> utf8)
    {
        var length = 0;
        while (Rune.DecodeFromUtf8(utf8[length..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            length += consumed;
        return length;
    }

    /// <summary>Fills <paramref name="marked"/> if something must change; returns how much of the text was dealt with there.</summary>
    private static int Scan(ReadOnlySpan<char> text, ref StringBuilder? marked)
    {
        var copied = 0;
        var reader = new ShownTextReader(text);
        while (reader.Next())
        {
            if (reader.Verdict == ShownVerdict.Keep)
                continue;
            marked ??= new StringBuilder(text.Length + 16);
            marked.Append(text[copied..reader.Start]);
            AppendMark(marked, reader);
            copied = reader.End;
        }
        return copied;
    }

    private static void AppendMark(StringBuilder marked, in ShownTextReader reader)
    {
        switch (reader.Verdict)
        {
            case ShownVerdict.NeedsBase:
                marked.Append(DottedCircle).Append(reader.Current);
                break;
            case ShownVerdict.Cut:
                marked.Append("⟦+").Append(reader.CutMarks).Append('⟧');
                break;
            default:
                AppendMark(marked, reader.Value);
                break;
        }
    }

    private static void AppendMark(StringBuilder marked, int value)
    {
        if (value == '\t')
            marked.Append(Tab);
        else if (value < 0x20)
            marked.Append((char)(0x2400 + value));
        else if (value == 0x7F)
            marked.Append('\u2421');
        else
            marked.Append("⟦U+").Append(value.ToString("X4")).Append('⟧');
    }
}
