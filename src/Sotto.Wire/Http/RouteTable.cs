using System.Text.Json.Serialization.Metadata;

namespace Sotto.Wire.Http;

/// <summary>How a request shows that it may be made.</summary>
public enum RouteProof
{
    /// <summary>Not at all.</summary>
    Nothing,

    /// <summary>Signed by a device of the account.</summary>
    Device,

    /// <summary>Signed by a device, or by the recovery key.</summary>
    DeviceOrRecovery,

    /// <summary>Signed by the recovery key.</summary>
    Recovery,

    /// <summary>A contact token; for the directory, one of the account's own devices can sign instead.</summary>
    ContactToken,

    /// <summary>A blob's capability.</summary>
    Capability,

    /// <summary>A blob's capability, and vouchers that pay for it.</summary>
    CapabilityAndVouchers,
}

/// <summary>One route of version 1, as docs/protocol/openapi.json is made from it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Proof">What a request shows.</param>
/// <param name="Summary">One line.</param>
/// <param name="Request">The body, null for none.</param>
/// <param name="Answer">The answer's body, null for none or one that is no JSON.</param>
/// <param name="BodyLimit">The longest body in bytes.</param>
public sealed record RouteDescription(
    string Method, string Path, RouteProof Proof, string Summary, JsonTypeInfo? Request = null, JsonTypeInfo? Answer = null, int BodyLimit = Limits.Body);

/// <summary>Every route of version 1. A test holds it against what the relay serves.</summary>
public static class RouteTable
{
    /// <summary>The routes, in the order of docs/protocol/relay.md.</summary>
    public static IReadOnlyList<RouteDescription> All { get; } =
    [
        new("GET", Routes.Relay, RouteProof.Nothing, "The relay's signed statement and incarnation.", Answer: RelayJson.Default.RelayAnswer),
        new("GET", Routes.Nonce, RouteProof.Nothing, "A nonce for one signed request.", Answer: RelayJson.Default.NonceAnswer),
        new("POST", Routes.Accounts, RouteProof.Device, "Makes an account, or publishes lists that the relay lacks.", RelayJson.Default.RegisterRequest, RelayJson.Default.RegisterAnswer, Limits.LargeBody),
        new("DELETE", Routes.Account, RouteProof.DeviceOrRecovery, "Deletes the account: at once for the recovery key, in 7 days for a device.", Answer: RelayJson.Default.DeletionAnswer),
        new("POST", Routes.Lists, RouteProof.Device, "Appends a device list.", RelayJson.Default.ListRequest),
        new("PUT", Routes.Reachability, RouteProof.Device, "Replaces the signing device's reachability.", RelayJson.Default.RecordRequest),
        new("PUT", Routes.RecoveryRecord, RouteProof.Device, "Stores the newest recovery record.", RelayJson.Default.RecordRequest, BodyLimit: Limits.LargeBody),
        new("POST", Routes.ContactTokens, RouteProof.Device, "Changes contact tokens.", RelayJson.Default.ContactTokensRequest, BodyLimit: 4 * Limits.Body),
        new("POST", Routes.Invites, RouteProof.Device, "Opens an invite.", RelayJson.Default.InviteRequest),
        new("GET", Routes.Invites, RouteProof.Device, "The account's invites.", Answer: RelayJson.Default.InvitesAnswer),
        new("POST", Routes.RevokeInvite, RouteProof.Device, "Ends an invite.", RelayJson.Default.RevokeRequest),
        new("PUT", Routes.KeyPackages, RouteProof.Device, "Adds key packages.", RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer, Limits.LargeBody),
        new("GET", Routes.KeyPackages, RouteProof.Device, "What lies there for the signing device.", Answer: RelayJson.Default.KeyPackagesAnswer),
        new("POST", Routes.Vouchers, RouteProof.Device, "Gives hashes of vouchers to the mailbox plane.", RelayJson.Default.VouchersRequest, RelayJson.Default.VouchersAnswer),
        new("GET", Routes.Directory, RouteProof.ContactToken, "Genesis, lists and reachability of an account.", Answer: RelayJson.Default.DirectoryAnswer),
        new("GET", Routes.Card, RouteProof.ContactToken, "The sealed card of an invite.", Answer: RelayJson.Default.CardAnswer),
        new("POST", Routes.ClaimKeyPackages, RouteProof.Nothing, "One key package for each device of each target; the targets carry their tokens.", RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer, Limits.LargeBody),
        new("GET", Routes.Recovery, RouteProof.Recovery, "What a recovery reads.", Answer: RelayJson.Default.RecoveryAnswer),
        new("POST", Routes.Recovery, RouteProof.Recovery, "Takes the account back with a list of the recovery key.", RelayJson.Default.ListRequest),
        new("PUT", Routes.Blob, RouteProof.CapabilityAndVouchers, "Uploads a blob, or goes on with it."),
        new("GET", Routes.Blob, RouteProof.Capability, "Downloads a blob, or one range of it."),
        new("HEAD", Routes.Blob, RouteProof.Capability, "How much of a blob has arrived."),
        new("GET", Routes.Stream, RouteProof.Nothing, "The mailbox plane: a WebSocket of Protobuf frames (stream.proto)."),
        new("GET", Routes.OpenApi, RouteProof.Nothing, "This description."),
        new("GET", Routes.Live, RouteProof.Nothing, "204 while the process runs."),
        new("GET", Routes.Ready, RouteProof.Nothing, "200 while the relay stores and takes work, otherwise 503; the text says what stands in the way."),
    ];
}
