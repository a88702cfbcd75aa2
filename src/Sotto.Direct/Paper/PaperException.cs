namespace Sotto.Direct.Paper;

/// <summary>Why a line cannot be sent.</summary>
public enum PaperFailure
{
    /// <summary>The line is longer than <see cref="PaperLimits.LongestLine"/>.</summary>
    LineTooLong,

    /// <summary>The conversation is being completed, is disposed or has lost its connection.</summary>
    Ended,
}

/// <summary>A line cannot be sent. The text is for the person and holds nothing of the line.</summary>
public sealed class PaperException(PaperFailure failure, string message) : Exception(message)
{
    /// <summary>The reason, for callers that act on it.</summary>
    public PaperFailure Failure { get; } = failure;
}
