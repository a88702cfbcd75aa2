using Sotto.Direct.Tokens;

namespace Sotto.Direct.Paper;

/// <summary>The fixed figures of paper mode, which follow from the paper's program and its <c>recv(4096)</c>.</summary>
public static class PaperLimits
{
    /// <summary>The longest line that can be sent, in bytes of UTF-8: its token has 3 960 characters, which one <c>recv(4096)</c> holds.</summary>
    public const int LongestLine = 2900;

    /// <summary>The longest token that is understood when it arrives, in characters.</summary>
    public const int LongestToken = TokenScanner.LongestToken;

    /// <summary>Tokens of one key that are remembered at a time, so that none is taken twice. More are refused.</summary>
    public const int RememberedTokens = 65_536;

    /// <summary>Lines that may wait to be sent. Who sends more waits.</summary>
    public const int QueuedLines = 256;

    /// <summary>Time between two tokens, so that a program that reads once per token gets one token.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Time without bytes after which what was received is settled as far as it can be.</summary>
    public static TimeSpan QuietTime { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How old a token may be: 60 s, and 60 s in the future.</summary>
    public static TokenAge Age => TokenAge.Paper;
}
