using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Direct;

/// <summary>A sentence of several rows, each safe to print: names inside it are the peer's word.</summary>
internal static class SafeRows
{
    public static string Of(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(row => ShownText.Of(row)));
}
