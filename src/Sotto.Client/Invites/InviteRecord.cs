using Sotto.Wire;

namespace Sotto.Client.Invites;

/// <summary>How far an own invite is.</summary>
public enum InviteState
{
    /// <summary>The relay has not been told of it yet.</summary>
    New,

    /// <summary>Somebody may join with it.</summary>
    Open,

    /// <summary>As many as it is for joined with it.</summary>
    Used,

    /// <summary>It was taken back.</summary>
    Revoked,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>An own invite. Stored before the relay hears of it, and kept 90 days. Secret.</summary>
internal sealed record InviteRecord
{
    public required Bytes32 Id { get; init; }

    public required Bytes16 Secret { get; init; }

    public required Bytes16 Relay { get; init; }

    public required uint ExpiresHour { get; init; }

    public required byte[] Card { get; init; }

    public int Uses { get; init; } = 1;

    /// <summary>How many joined with it.</summary>
    public int Joined { get; init; }

    public InviteState State { get; init; }

    /// <summary>Whether the relay may not know it any more.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>Whether the relay knows that it has ended.</summary>
    public bool EndIsTold { get; init; }

    /// <summary>The conversation that came of it.</summary>
    public Bytes16? Conversation { get; init; }
}
