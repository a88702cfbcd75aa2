using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Running;

/// <summary>The relay refused what a test asked.</summary>
public sealed class ProblemException(string type) : Exception(type)
{
    public RelayProblem Problem { get; } = ProblemTypes.Parse(type) ?? throw new ArgumentException("An unknown problem type.", nameof(type));

    public ulong Number { get; init; }

    public ulong FirstSequence { get; init; }
}

public static class Refusal
{
    /// <summary>Asserts that something is refused for a reason.</summary>
    public static async Task<ProblemException> IsAsync(RelayProblem problem, Func<Task> request)
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(request);
        Assert.Equal(problem, refusal.Problem);
        return refusal;
    }
}
