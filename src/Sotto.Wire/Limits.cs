namespace Sotto.Wire;

/// <summary>Limits of the contract that client and relay share (docs/threat-model.md). Sizes are bytes.</summary>
public static class Limits
{
    /// <summary>A payload inside an entry. Larger ones are blobs.</summary>
    public const int Payload = 64 * 1024;

    /// <summary>A payload of an ephemeral post.</summary>
    public const int EphemeralPayload = 4 * 1024;

    /// <summary>The extensions field of a post or channel.</summary>
    public const int Extensions = 1024;

    /// <summary>An HTTP body on routes that say nothing else.</summary>
    public const int Body = 64 * 1024;

    /// <summary>A body that carries many key packages or a recovery record.</summary>
    public const int LargeBody = 4 * 1024 * 1024;

    /// <summary>One WebSocket message.</summary>
    public const int Message = 1024 * 1024;

    /// <summary>Frames in one WebSocket message.</summary>
    public const int FramesInMessage = 64;

    /// <summary>Requests of one connection that are not answered yet; the relay reads no further until there are fewer.</summary>
    public const int RequestsInFlight = 256;

    /// <summary>Subscriptions of one connection.</summary>
    public const int Subscriptions = 4096;

    /// <summary>Mailboxes that one commit adds or drops.</summary>
    public const int MailboxesInCommit = 1000;

    /// <summary>A capability or token.</summary>
    public const int Capability = 32;

    /// <summary>The note at a mailbox.</summary>
    public const int Note = 64;

    /// <summary>The wake token at a mailbox, at most.</summary>
    public const int WakeToken = 64;

    /// <summary>The tag that names a writer's epoch.</summary>
    public const int EpochTag = 8;

    /// <summary>A blob, at most.</summary>
    public const long Blob = 100L * 1024 * 1024;

    /// <summary>How much of a blob one voucher pays for.</summary>
    public const int BlobForVoucher = 16 * 1024 * 1024;

    /// <summary>Reservations of a lane with several uses.</summary>
    public const int LaneUses = 1000;

    /// <summary>Lanes of an intro channel.</summary>
    public const int Lanes = 4096;

    /// <summary>Devices in a list.</summary>
    public const int Devices = 32;

    /// <summary>Key packages that a device may have lying at a relay, without the last-resort one.</summary>
    public const int KeyPackages = 100;

    /// <summary>One key package.</summary>
    public const int KeyPackage = 16 * 1024;

    /// <summary>Days that a key package may lie there.</summary>
    public const int KeyPackageDays = 30;

    /// <summary>Accounts in one claim of key packages.</summary>
    public const int ClaimTargets = 1000;

    /// <summary>Claims of one account's key packages in an hour.</summary>
    public const int ClaimsPerHour = 600;

    /// <summary>Packages in one answer to a claim, about; targets after that are refused as too large and may be asked for again.</summary>
    public const int ClaimBytes = 8 * 1024 * 1024;

    /// <summary>Device lists of an account, since its first.</summary>
    public const int Lists = 1000;

    /// <summary>Room that lists of the recovery key have beyond that.</summary>
    public const int RecoveryLists = 100;

    /// <summary>Device lists of an account in a day.</summary>
    public const int ListsPerDay = 50;

    /// <summary>Mailboxes of a channel that are not dropped.</summary>
    public const int Mailboxes = 1000;

    /// <summary>Mailboxes of a channel with those that were dropped in the last 30 days.</summary>
    public const int MailboxesKept = 5000;

    /// <summary>Invites that an account opens in a day.</summary>
    public const int InvitesPerDay = 50;

    /// <summary>A sealed card.</summary>
    public const int Card = 24 * 1024;

    /// <summary>Open invites of an account.</summary>
    public const int Invites = 10;

    /// <summary>Uses of an invite with several.</summary>
    public const int InviteUses = 1000;

    /// <summary>Days that an invite may be open.</summary>
    public const int InviteDays = 7;

    /// <summary>A recovery record.</summary>
    public const int RecoveryRecord = 2 * 1024 * 1024;

    /// <summary>A signed record other than a recovery record.</summary>
    public const int Record = 32 * 1024;

    /// <summary>Contact tokens of an account.</summary>
    public const int ContactTokens = 10_000;

    /// <summary>Lookups of one account with one token in an hour, and wrong guesses of one address.</summary>
    public const int LookupsPerHour = 60;

    /// <summary>Posts into one strangers' lane in an hour.</summary>
    public const int StrangersPerHour = 3;

    /// <summary>Vouchers for a new account.</summary>
    public const int VouchersAtRegistration = 10;

    /// <summary>Vouchers for an account each day.</summary>
    public const int VouchersPerDay = 20;

    /// <summary>Vouchers that an account can save up.</summary>
    public const int VouchersSaved = 50;

    /// <summary>How long the capability before a commit still takes messages.</summary>
    public static TimeSpan CapabilityOverlap => TimeSpan.FromMinutes(5);

    /// <summary>How long an idempotency id is remembered, at least.</summary>
    public static TimeSpan Idempotency => TimeSpan.FromHours(48);

    /// <summary>How long a nonce of the account plane may be used.</summary>
    public static TimeSpan Nonce => TimeSpan.FromMinutes(5);

    /// <summary>How long a reservation stands without a Welcome.</summary>
    public static TimeSpan Reservation => TimeSpan.FromHours(24);
}
