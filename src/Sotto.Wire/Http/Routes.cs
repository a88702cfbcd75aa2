namespace Sotto.Wire.Http;

/// <summary>The paths of version 1. Ids in paths are base64url without padding; capabilities and signatures never stand there.</summary>
public static class Routes
{
    /// <summary>The relay's signed statement.</summary>
    public const string Relay = "/v1/relay";

    /// <summary>A fresh nonce.</summary>
    public const string Nonce = "/v1/nonce";

    /// <summary>Registration.</summary>
    public const string Accounts = "/v1/accounts";

    /// <summary>Genesis, lists and reachability of an account.</summary>
    public const string Directory = "/v1/accounts/{account}/directory";

    /// <summary>The sealed card of an invite.</summary>
    public const string Card = "/v1/accounts/{account}/card";

    /// <summary>Recovery: the kept records, and the list that voids the old devices.</summary>
    public const string Recovery = "/v1/accounts/{account}/recovery";

    /// <summary>One key package for each device of each target.</summary>
    public const string ClaimKeyPackages = "/v1/key-packages/claim";

    /// <summary>The signer's own account.</summary>
    public const string Account = "/v1/account";

    /// <summary>Appending a device list.</summary>
    public const string Lists = "/v1/account/lists";

    /// <summary>The signing device's reachability.</summary>
    public const string Reachability = "/v1/account/reachability";

    /// <summary>The signing device's key packages.</summary>
    public const string KeyPackages = "/v1/account/key-packages";

    /// <summary>The newest recovery record.</summary>
    public const string RecoveryRecord = "/v1/account/recovery-record";

    /// <summary>Contact tokens.</summary>
    public const string ContactTokens = "/v1/account/contact-tokens";

    /// <summary>Invites.</summary>
    public const string Invites = "/v1/account/invites";

    /// <summary>Taking an invite back.</summary>
    public const string RevokeInvite = "/v1/account/invites/revoke";

    /// <summary>Vouchers.</summary>
    public const string Vouchers = "/v1/account/vouchers";

    /// <summary>A blob of a channel.</summary>
    public const string Blob = "/v1/channels/{channel}/blobs/{blob}";

    /// <summary>The mailbox plane's WebSocket.</summary>
    public const string Stream = "/v1/stream";

    /// <summary>This contract's HTTP half as OpenAPI.</summary>
    public const string OpenApi = "/v1/openapi.json";

    /// <summary>204 while the process runs.</summary>
    public const string Live = "/health/live";

    /// <summary>200 while the relay can store and takes work, otherwise 503.</summary>
    public const string Ready = "/health/ready";
}
