using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>A relay that this account is, or is about to be, registered at. Stored before each step that it describes. Secret.</summary>
internal sealed record OwnRelay
{
    public required Bytes16 Fingerprint { get; init; }

    public required string[] Urls { get; init; }

    /// <summary>The highest number of a statement that it showed.</summary>
    public ulong StatementNumber { get; init; }

    /// <summary>Until the receipt is here.</summary>
    public Bytes32? RegistrationToken { get; init; }

    /// <summary>The relay's signature over the account id: it registered.</summary>
    public byte[]? Receipt { get; init; }

    /// <summary>Vouchers that the relay knows and nobody has spent.</summary>
    public Bytes32[] Vouchers { get; init; } = [];

    /// <summary>Vouchers that are on their way to the relay.</summary>
    public VoucherOrder? Ordered { get; init; }

    /// <summary>When the relay last said that no more are allowed yet, Unix seconds.</summary>
    public long OrderRefusedAt { get; init; }

    /// <summary>This device's intro channel there.</summary>
    public required OwnIntro Intro { get; init; }

    /// <summary>Where this device can be reached, as signed and last published or to be published.</summary>
    public byte[]? Reachability { get; init; }

    /// <summary>Its number.</summary>
    public ulong ReachabilityNumber { get; init; }

    /// <summary>Unix seconds until it is renewed.</summary>
    public long ReachabilityRenew { get; init; }

    /// <summary>Whether the relay has it.</summary>
    public bool IsReachable { get; init; }

    /// <summary>Whether KeyPackages lie there.</summary>
    public bool HasKeyPackages { get; init; }

    /// <summary>Unix seconds until they are replaced.</summary>
    public long KeyPackagesRenew { get; init; }

    /// <summary>Unix seconds until they are counted and filled up.</summary>
    public long KeyPackagesCount { get; init; }

    /// <summary>8 bytes; others mean that the relay was restored from a backup.</summary>
    public byte[]? Incarnation { get; init; }

    /// <summary>When that was last seen, Unix seconds.</summary>
    public long RestoredAt { get; init; }

    /// <summary>Whether the relay may not know the account any more: the receipt brings it back.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>When this profile was last found to be an old copy, or to run twice, Unix seconds.</summary>
    public long CopyNoticedAt { get; init; }

    public RelayEndpoint Endpoint => new(Urls, Fingerprint);
}

/// <summary>Vouchers that are on their way: the same id again costs nothing.</summary>
internal sealed record VoucherOrder(Bytes16 Id, Bytes32[] Values);

/// <summary>An intro channel with everything that its owner knows.</summary>
internal sealed record OwnIntro
{
    public required Bytes16 Channel { get; init; }

    public required Bytes32 OwnerCapability { get; init; }

    public required Bytes16 Mailbox { get; init; }

    public required Bytes32 ReadCapability { get; init; }

    /// <summary>The X-Wing key that is sealed to, private.</summary>
    public required byte[] PrivateKey { get; init; }

    /// <summary>Pays for it.</summary>
    public Bytes32? Voucher { get; init; }

    /// <summary>Whether the relay has it.</summary>
    public bool IsMade { get; init; }

    /// <summary>The last entry that was dealt with.</summary>
    public ulong Processed { get; init; }
}
