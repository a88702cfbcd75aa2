using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sotto.Direct.Files;

/// <summary>
/// Makes file names from a peer safe inside a folder on Linux, macOS and Windows alike: the last path segment alone, nothing
/// hidden or misleading in it, no device name, no stream, short enough, in Unicode form C.
/// </summary>
public static class SafeFileName
{
    /// <summary>
    /// Longest name made, in UTF-8 bytes (and so in UTF-16 units too). File systems take 255; the rest is left for a counter
    /// such as <c>(12)</c> and a suffix such as <c>.part</c>.
    /// </summary>
    public const int MaxBytes = 240;

    /// <summary>The name of a file of which nothing usable was told.</summary>
    public const string Nameless = "file";

    private const char Replacement = '_';
    private const int LongestExtension = 32;
    private const int MostTries = 10_000;

    // Characters that a program converting to an old code page may turn into a separator, a colon or a quotation mark.
    private const string Lookalikes = "／＼∕⁄⧵﹨⧸：︓﹕꞉＂＜＞｜？＊";

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("<>:\"/\\|?*" + Lookalikes);

    /// <summary>Names that Windows keeps for devices, whatever extension follows.</summary>
    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$", .. Numbered("COM"), .. Numbered("LPT")],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Files that change how Windows shows or opens the folder they lie in.</summary>
    private static readonly HashSet<string> FolderSettings = new(["desktop.ini", "autorun.inf"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The safe form of a name, never empty. Applying it again changes nothing.</summary>
    /// <param name="peerName">Whatever the peer calls the file.</param>
    public static string From(string peerName)
    {
        ArgumentNullException.ThrowIfNull(peerName);
        var name = Nfc.Normalize(Visible(LastSegment(peerName)));
        name = TrimEdges(OneSpaceEach(name));
        if (name.Length == 0)
            return Nameless;
        name = Shorten(name, MaxBytes);
        return IsReserved(name) ? Replacement + Shorten(name, MaxBytes - 1) : name;
    }

    /// <summary>
    /// Creates a new file of that name, or of <c>name (1).ext</c> and so on if it exists. Nothing is overwritten or followed,
    /// links included. The file is readable by its owner alone.
    /// </summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="peerName">Whatever the peer calls the file; made safe here.</param>
    /// <returns>The open, empty file, writable; its <see cref="FileStream.Name"/> says what was chosen. The caller disposes it.</returns>
    /// <exception cref="IOException">The folder cannot be written, or 10 000 such names are taken.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static FileStream Unique(string folder, string peerName)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var name = From(peerName);
        for (var number = 0; number < MostTries; number++)
        {
            var path = Path.Combine(folder, number == 0 ? name : WithNumber(name, number));
            if (TryCreate(path) is { } file)
                return file;
        }
        throw new IOException("Too many files of that name.");
    }

    private static FileStream? TryCreate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && IsTaken(path))
        {
            return null;
        }
    }

    /// <summary>Whether anything has the name already, a link to nowhere included.</summary>
    private static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static string LastSegment(string name)
    {
        var trimmed = name.AsSpan().TrimEnd("/\\");
        return trimmed[(trimmed.LastIndexOfAny('/', '\\') + 1)..].ToString();
    }

    /// <summary>Forbidden and control characters become <c>_</c>, blanks become spaces, and what cannot be seen is left out.</summary>
    private static string Visible(string name)
    {
        var visible = new StringBuilder(name.Length);
        for (var rest = name.AsSpan(); !rest.IsEmpty;)
        {
            var valid = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            rest = rest[length..];
            if (!valid || Rune.IsControl(rune) || (rune.IsBmp && Forbidden.Contains((char)rune.Value)))
                visible.Append(Replacement);
            else if (Rune.IsWhiteSpace(rune))
                visible.Append(' ');
            else if (!IsInvisible(rune))
                visible.Append(rune.ToString());
        }
        return visible.ToString();
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        // Unassigned characters hold the noncharacters and the code points set aside to be ignored.
        UnicodeCategory.OtherNotAssigned => true,
        // Hangul fillers.
        UnicodeCategory.OtherLetter => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0,
        // Grapheme joiner, Khmer inherent vowels, Mongolian and other variation selectors.
        UnicodeCategory.NonSpacingMark => rune.Value is 0x034F or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
            or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF),
        // The blank Braille pattern.
        UnicodeCategory.OtherSymbol => rune.Value == 0x2800,
        _ => false,
    };

    /// <summary>A long run of blanks would push the true extension out of sight.</summary>
    private static string OneSpaceEach(string name) => string.Join(' ', name.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>No leading dot (hidden), dash (an option), tilde; no trailing dot or blank (Windows drops them).</summary>
    private static string TrimEdges(string name) => name.TrimStart(' ', '.', '-', '~').TrimEnd(' ', '.');

    /// <summary>Windows looks at the name before the first dot, without blanks at its end, in any case.</summary>
    private static bool IsReserved(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return Devices.Contains((dot < 0 ? name : name[..dot]).TrimEnd()) || FolderSettings.Contains(name);
    }

    private static IEnumerable<string> Numbered(string device) => "0123456789¹²³".Select(digit => device + digit);

    private static string WithNumber(string name, int number)
    {
        var extension = Extension(name);
        return $"{name[..^extension.Length]} ({number}){extension}";
    }

    /// <summary>
    /// Cuts the part before the extension until the whole fits, between grapheme clusters where the first is not too long itself.
    /// </summary>
    private static string Shorten(string name, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= bytes)
            return name;
        var extension = Extension(name);
        var room = bytes - Encoding.UTF8.GetByteCount(extension);
        var stem = name[..^extension.Length];
        var cut = CutTo(stem, room, at => StringInfo.GetNextTextElementLength(stem, at));
        if (cut.Length == 0)
            cut = CutTo(stem, room, at => char.IsHighSurrogate(stem[at]) ? 2 : 1);
        return TrimEdges(cut) + extension;
    }

    private static string CutTo(string text, int bytes, Func<int, int> step)
    {
        var end = 0;
        while (end < text.Length)
        {
            var length = step(end);
            bytes -= Encoding.UTF8.GetByteCount(text.AsSpan(end, length));
            if (bytes < 0)
                break;
            end += length;
        }
        return text[..end];
    }

    /// <summary>The ending from its dot on, <c>.tar</c> before it included; empty if there is none, or it is too long to be one.</summary>
    private static string Extension(string name)
    {
        var dot = name.LastIndexOf('.');
        if (dot <= 0)
            return "";
        const string archive = ".tar";
        if (dot > archive.Length && name.AsSpan(0, dot).EndsWith(archive, StringComparison.OrdinalIgnoreCase))
            dot -= archive.Length;
        return Encoding.UTF8.GetByteCount(name.AsSpan(dot)) <= LongestExtension ? name[dot..] : "";
    }
}
