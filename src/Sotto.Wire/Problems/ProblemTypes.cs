using System.Collections.Frozen;

namespace Sotto.Wire.Problems;

/// <summary>How a problem stands on the wire: its type, its HTTP status and a title (RFC 9457).</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Type">The stable type, a URN.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">One line for people.</param>
public sealed record ProblemType(RelayProblem Problem, string Type, int Status, string Title);

/// <summary>The types of all problems, in both directions.</summary>
public static class ProblemTypes
{
    private const string Prefix = "urn:sotto:problem:";

    private static readonly FrozenDictionary<RelayProblem, ProblemType> ByProblem = new[]
    {
        Make(RelayProblem.Malformed, "malformed", 400, "The request cannot be read."),
        Make(RelayProblem.TooLarge, "too-large", 413, "The request is too large."),
        Make(RelayProblem.UnknownRequest, "unknown-request", 404, "This relay does not know that request."),
        Make(RelayProblem.WrongMethod, "wrong-method", 405, "This route takes another method."),
        Make(RelayProblem.Refused, "refused", 403, "Unknown or not allowed."),
        Make(RelayProblem.BadNonce, "bad-nonce", 401, "The nonce cannot be used."),
        Make(RelayProblem.Conflict, "conflict", 409, "Something else is already there."),
        Make(RelayProblem.Stale, "stale", 409, "The channel has gone on."),
        Make(RelayProblem.Restored, "restored", 409, "The relay was restored from a backup."),
        Make(RelayProblem.ChannelFull, "channel-full", 429, "The channel is full."),
        Make(RelayProblem.Expired, "expired", 410, "The entries are gone."),
        Make(RelayProblem.TokenRefused, "token-refused", 403, "The token is unknown or spent."),
        Make(RelayProblem.InviteUsed, "invite-used", 410, "The invite was used."),
        Make(RelayProblem.InviteExpired, "invite-expired", 410, "The invite has expired."),
        Make(RelayProblem.InviteRevoked, "invite-revoked", 410, "The invite was taken back."),
        Make(RelayProblem.ListSuperseded, "list-superseded", 409, "The device list does not descend from the one that counts."),
        Make(RelayProblem.QuotaReached, "quota-reached", 429, "No more are allowed at once."),
        Make(RelayProblem.RateLimited, "rate-limited", 429, "Too many requests."),
        Make(RelayProblem.StorageFull, "storage-full", 507, "The relay has no room."),
        Make(RelayProblem.Unavailable, "unavailable", 503, "The relay cannot store anything now."),
    }.ToFrozenDictionary(type => type.Problem);

    private static readonly FrozenDictionary<string, RelayProblem> ByType =
        ByProblem.Values.ToFrozenDictionary(type => type.Type, type => type.Problem, StringComparer.Ordinal);

    /// <summary>Every type.</summary>
    public static IEnumerable<ProblemType> All => ByProblem.Values;

    /// <summary>How a problem stands on the wire.</summary>
    public static ProblemType Of(RelayProblem problem) => ByProblem[problem];

    /// <summary>What a type means; null for one that this version does not know.</summary>
    public static RelayProblem? Parse(string type) => ByType.TryGetValue(type, out var problem) ? problem : null;

    private static ProblemType Make(RelayProblem problem, string name, int status, string title) => new(problem, Prefix + name, status, title);
}
