using Sotto.Wire.Problems;

namespace Sotto.Client.Relays;

/// <summary>A relay refused a request, which changed nothing there.</summary>
/// <param name="problem">Why; null for a reason that this version does not know.</param>
public sealed class RelayRefusedException(RelayProblem? problem) : Exception($"The relay refused: {problem?.ToString() ?? "for a reason of a newer version"}.")
{
    /// <summary>Why; null for a reason that this version does not know.</summary>
    public RelayProblem? Problem { get; } = problem;

    /// <summary>With <see cref="RelayProblem.Stale"/>: the channel's handshake number.</summary>
    public ulong Number { get; init; }

    /// <summary>With <see cref="RelayProblem.Expired"/>: the first sequence that is still there.</summary>
    public ulong FirstSequence { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsPassing => Problem is RelayProblem.RateLimited or RelayProblem.StorageFull or RelayProblem.Unavailable or RelayProblem.BadNonce;
}

/// <summary>The connection to a relay failed; whether it carried a request out is not known.</summary>
public sealed class RelayUnreachableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The relay takes no account with the registration token that there is, now or later: another link brings another one.</summary>
internal sealed class RegistrationRefusedException(ClientException reason) : Exception(reason.Message, reason)
{
    /// <summary>Why, for whoever waits.</summary>
    public ClientException Reason { get; } = reason;
}
