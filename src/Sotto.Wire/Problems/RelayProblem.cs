namespace Sotto.Wire.Problems;

/// <summary>Why a relay refused a request. Each has one stable type on the wire (docs/protocol/problems.md).</summary>
public enum RelayProblem
{
    /// <summary>The bytes are not what the contract says.</summary>
    Malformed,

    /// <summary>A body, frame or field is longer than it may be.</summary>
    TooLarge,

    /// <summary>A frame or route of a version that this relay does not know.</summary>
    UnknownRequest,

    /// <summary>The route is known, with another HTTP method.</summary>
    WrongMethod,

    /// <summary>Unknown or not allowed: the relay does not say which.</summary>
    Refused,

    /// <summary>The nonce is used, too old or not this relay's. The answer carries a fresh one.</summary>
    BadNonce,

    /// <summary>The same id stands for other bytes, or something else is already there.</summary>
    Conflict,

    /// <summary>Another commit won the number, or the writer is behind.</summary>
    Stale,

    /// <summary>The relay was restored from a backup and this channel first needs proof of where it was.</summary>
    Restored,

    /// <summary>The channel has reached its limit and every reader is recent.</summary>
    ChannelFull,

    /// <summary>The entries asked for are gone.</summary>
    Expired,

    /// <summary>The token is unknown or spent.</summary>
    TokenRefused,

    /// <summary>The invite was used.</summary>
    InviteUsed,

    /// <summary>The invite's time is over.</summary>
    InviteExpired,

    /// <summary>The inviter took the invite back.</summary>
    InviteRevoked,

    /// <summary>A device list does not descend from the one that counts.</summary>
    ListSuperseded,

    /// <summary>No more of these are allowed at once.</summary>
    QuotaReached,

    /// <summary>Too many requests; come back later.</summary>
    RateLimited,

    /// <summary>The relay's disk is full or nearly so.</summary>
    StorageFull,

    /// <summary>The relay cannot store anything at the moment, or is about to stop.</summary>
    Unavailable,
}
