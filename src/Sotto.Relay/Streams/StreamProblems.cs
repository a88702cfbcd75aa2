using Sotto.Relay.Storage;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>Refusals as frames.</summary>
internal static class StreamProblems
{
    public static Frame Frame(RelayException refusal) => new()
    {
        Problem = new()
        {
            Type = ProblemTypes.Of(refusal.Problem).Type,
            Detail = refusal.Detail ?? "",
            Number = refusal.Number,
            FirstSequence = refusal.FirstSequence,
            RetryAfterSeconds = (uint)refusal.RetryAfterSeconds,
        },
    };

    /// <summary>What a client is told of trouble with the disk; the operator's health page says more.</summary>
    public static RelayException Of(StorageException trouble) =>
        new(trouble.Failure == StorageFailure.Full ? RelayProblem.StorageFull : RelayProblem.Unavailable);
}
