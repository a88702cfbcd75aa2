using System.Text;

namespace Sotto.Terminal.Screen;

/// <summary>How lines look: sober colours, or none at all where <c>NO_COLOR</c> is set. Meaning never rests on colour alone.</summary>
/// <param name="color">Whether colours and bold may be used.</param>
internal sealed class ScreenStyle(bool color)
{
    /// <summary>Columns a name may take before it is cut.</summary>
    public const int NameColumns = 32;

    private const string Reset = "\e[0m";
    private const string Bold = "\e[1m";
    private const string BoldCyan = "\e[1;36m";
    private const string Dim = "\e[2m";
    private const string BoldRed = "\e[1;31m";

    /// <summary>Whether colours are used.</summary>
    public bool Color { get; } = color;

    /// <summary>The style that the environment asks for: plain if <c>NO_COLOR</c> is set to anything but nothing.</summary>
    public static ScreenStyle FromEnvironment() => new(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>The line as rows of safe text and colour sequences, without line breaks.</summary>
    public IEnumerable<string> Rows(ChatLine line)
    {
        var (lead, leadStyle, textStyle) = Form(line);
        var indent = new string(' ', CellWidth.Of(lead));
        foreach (var row in line.Text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'))
        {
            yield return Styled(lead, leadStyle) + Styled(ShownText.Of(row), textStyle);
            (lead, leadStyle) = (indent, "");
        }
    }

    /// <summary>The prompt, in bold.</summary>
    public string Prompt(string shown) => Styled(shown, Bold);

    /// <summary>The status line and hints, dimmed.</summary>
    public string Status(string shown) => Styled(shown, Dim);

    // Names stand in angle brackets, so that no chosen name can look like a notice or a warning.
    private static (string Lead, string LeadStyle, string TextStyle) Form(ChatLine line) => line.Kind switch
    {
        ChatLineKind.Own => (Bracketed(line.Name), Bold, ""),
        ChatLineKind.Peer => (Bracketed(line.Name), BoldCyan, ""),
        ChatLineKind.Warning => ("! ", BoldRed, BoldRed),
        _ => ("· ", Dim, Dim),
    };

    private static string Bracketed(string name) => $"<{CellWidth.Fit(ShownText.Of(name), NameColumns)}> ";

    private string Styled(string shown, string style) =>
        Color && style.Length > 0 && shown.Length > 0 ? new StringBuilder(style).Append(shown).Append(Reset).ToString() : shown;
}
