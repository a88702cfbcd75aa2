using Sotto.Wire.Problems;

namespace Sotto.Relay;

/// <summary>
/// The relay refused a request, which changed nothing. The text is for people who debug and holds no id, key or token.
/// </summary>
public sealed class RelayException(RelayProblem problem, string? detail = null) : Exception(detail ?? ProblemTypes.Of(problem).Title)
{
    /// <summary>The reason.</summary>
    public RelayProblem Problem { get; } = problem;

    /// <summary>More than the problem's title, when there is more to say.</summary>
    public string? Detail { get; } = detail;

    /// <summary>With <see cref="RelayProblem.Stale"/> and <see cref="RelayProblem.Restored"/>: the channel's handshake number.</summary>
    public ulong Number { get; init; }

    /// <summary>With <see cref="RelayProblem.Expired"/>: the first sequence that is still there.</summary>
    public ulong FirstSequence { get; init; }

    /// <summary>With <see cref="RelayProblem.RateLimited"/>: seconds to wait.</summary>
    public int RetryAfterSeconds { get; init; }
}
