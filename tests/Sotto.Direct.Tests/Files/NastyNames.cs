namespace Sotto.Direct.Tests.Files;

/// <summary>File names a hostile peer might send (AT-28): each with what it is after.</summary>
internal static class NastyNames
{
    private static readonly string[] Devices =
    [
        "CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$", "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "COM¹", "COM²", "COM³", "LPT¹", "LPT²", "LPT³",
    ];

    private static readonly string[] Traversals =
    [
        "../../etc/passwd", "..\\..\\Windows\\win.ini", "..", ".", "...", "....", "../", "..\\", "/", "\\", "//", "\\\\", "/etc/shadow", "C:\\Windows\\system.ini",
        "C:file", "c:", "C:/", "\\\\server\\share\\x", "\\\\?\\C:\\x", "\\\\.\\PhysicalDrive0", "//server/share", "a/../../b", "a\\..\\..\\b", "a/b\\c", "a\\b/c",
        "x/..", "x\\.", "x/.", "./x", ".\\x", "foo/", "foo\\", "foo//", "foo/\\", "~/.ssh/authorized_keys", "~", "~root", "..;/x", "..%2f..%2fx", "%2e%2e/", "..%5c",
        "file:///etc/passwd", "http://a/b", ".. /x", "..\0/x", "..\u200B", ".\u200B.", "\u200B..", "..\u202E/x", "．．／x", "..／..／x", "..＼x", "..∕x", "..⁄x", "..⧵x", "..⧸x", "..﹨x",
        "a/", "a/.", "a/..", "a/...", "con/", "x/con", "x\\nul.txt", "\\Device\\Null", "Users/../.bashrc", "\u2024\u2024/x", "‥/x",
    ];

    private static readonly string[] Controls =
    [
        "", " ", "  ", "\t", "\n", "\r\n", "\0", "\0\0.txt", "a\0b.txt", "a.txt\0.exe", "a\nb", "a\r.txt", "\e[31mred\e[0m.txt", "\e]0;t\a", "\a\b", "x\u007F", "\u009B31m", "\u0085x",
        "tab\there", "Icon\r", "line\u2028sep", "par\u2029sep", "\uFEFFbom.txt", "\uD800", "a\uDC00b", "\uDBFF\uDFFF", "\uFFFE", "\uFFFF.txt", "\uFDD0", "\uE000",
    ];

    private static readonly string[] Misleading =
    [
        "photo\u202Egnp.exe", "\u202Efdp.exe", "a\u202Ab\u202Cc", "a\u2066b\u2069", "\u200Ea\u200F", "\u061Ca", "in\u00ADvisible", "zero\u200Bwidth", "a\u200Cb", "a\u200Db", "a\u2060b",
        "\u3164", "\u3164.txt", "\uFFA0", "\u115F\u1160", "\u2800", "\u2800\u2800.pdf", "\u180E", "\u17B4\u17B5", "\u034F", "a\uFE0F", "\U000E0100", "\U000E0041\U000E007F", "\U000E0001x",
        "invoice.pdf                                                             .exe", "a\u00A0\u00A0\u00A0.exe", "a\u3000\u3000.exe", "\u3000", "\u00A0", "\u2003x\u2003", "\u1680",
        "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309.txt", "\u0301.txt", "CO\u200BN", "C\u00ADON.txt", "NU\u202EL", "\u200DAUX", "Ｃ：x", "a：b", "desktop.ini", "Desktop.INI", "autorun.inf", "AUTORUN.INF",
    ];

    private static readonly string[] Separators =
    [
        "a:b", "file.txt:stream", "file.txt::$DATA", "file.txt:Zone.Identifier", ":", "::", ":x", "x:", "a<b", "a>b", "a\"b", "a|b", "a?b", "a*b", "*", "?", "*.*", "<>:\"/\\|?*", "\"\"", "a`b$(id)", "$(rm -rf ~)",
        "; rm -rf ~", "&& x", "| sh", "'; DROP", "%PATH%", "%n%n%s", "{0}", "${jndi:x}", "-rf", "--help", "-", "--", "---.txt", "-o x", "- x", " -x", ".-x", "-.x", ".bashrc", ".ssh", ".htaccess", "..hidden", ". hidden", " .hidden",
        "trailing.", "trailing..", "trailing ", "trailing . ", "trailing. .", "a. . .", "name.txt.", "name.txt ", "a .txt", "a. txt", ".txt", "..txt", " .txt", ". .txt", "x.", ".x.", "a..b", "a...txt", "NUL.", "NUL ", "NUL .txt", "nul...", "con .", "aux.tar.gz",
    ];

    private static readonly string[] Long =
    [
        new('a', 255), new('a', 256), new('a', 5000), new string('a', 300) + ".txt", "a." + new string('x', 300), "." + new string('x', 300), new string('漢', 100) + ".jpg", new string('漢', 5000),
        string.Concat(Enumerable.Repeat("😀", 200)) + ".png", "z" + new string('\u0301', 5000) + ".txt", "e" + string.Concat(Enumerable.Repeat("\u0323\u0301", 400)), new string('.', 5000), new string(' ', 5000) + "x",
        new string('a', 236) + ".tar.gz", new string('a', 300) + ".tar.gz", new string('a', 239) + ".", new string('a', 239) + " .b", new string('/', 5000), new string('a', 200) + new string('.', 100) + "txt",
        string.Concat(Enumerable.Repeat("👩\u200D", 300)) + ".gif", "CON" + new string(' ', 300) + ".txt", "CON." + new string('x', 400), new string('\uFDFA', 200), new string('\u0958', 100), "x" + new string('한', 90) + ".hwp",
        new string('a', 239) + "漢", new string('a', 238) + "😀", string.Concat(Enumerable.Repeat("\u1112\u1161\u11AB", 100)) + ".txt", new string('-', 300), new string('~', 300) + ".x",
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Traversals, .. Controls, .. Misleading, .. Separators, .. Long,
        .. Devices, .. Devices.Select(device => device.ToLowerInvariant()), .. Devices.Select(device => device + ".txt"),
        .. Devices.Select(device => "a/" + device + " .tar.gz"), .. Devices.Select(device => device + ":"),
    ];
}
