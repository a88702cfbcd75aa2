using System.Collections.Immutable;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>Everything that a relay has on its disk, immutable: a backup of it is a reference to it.</summary>
internal sealed record TwinState
{
    public ImmutableDictionary<Bytes32, TwinAccount> Accounts { get; init; } = ImmutableDictionary<Bytes32, TwinAccount>.Empty;

    /// <summary>By H of the registration token.</summary>
    public ImmutableDictionary<Bytes32, TwinRegistration> Registrations { get; init; } = ImmutableDictionary<Bytes32, TwinRegistration>.Empty;

    public ImmutableDictionary<Bytes16, TwinChannel> Channels { get; init; } = ImmutableDictionary<Bytes16, TwinChannel>.Empty;

    /// <summary>H of those that were not spent.</summary>
    public ImmutableHashSet<Bytes32> Vouchers { get; init; } = [];

    public ImmutableHashSet<Bytes32> VoucherBatches { get; init; } = [];

    /// <summary>By H of lane and reserve key: until which hour.</summary>
    public ImmutableDictionary<(Bytes32 Lane, Bytes32 Key), long> Reservations { get; init; } = ImmutableDictionary<(Bytes32, Bytes32), long>.Empty;

    public ImmutableDictionary<(Bytes16 Channel, Bytes16 Blob), TwinBlob> Blobs { get; init; } = ImmutableDictionary<(Bytes16, Bytes16), TwinBlob>.Empty;
}

internal enum TwinInviteState
{
    Open,
    Used,
    Revoked,
}

internal sealed record TwinRegistration(int Left, long ExpiresHour, TwinInviteState State);

internal sealed record TwinAccount
{
    public required byte[] Genesis { get; init; }

    public required ImmutableList<byte[]> Lists { get; init; }

    public required ImmutableDictionary<Bytes32, TwinDevice> Devices { get; init; }

    /// <summary>By H of the contact token: invites and contacts.</summary>
    public ImmutableDictionary<Bytes32, TwinContact> Contacts { get; init; } = ImmutableDictionary<Bytes32, TwinContact>.Empty;

    public ImmutableDictionary<Bytes16, (Bytes32 Contact, ClaimedPackage[] Answer)> Claims { get; init; } = ImmutableDictionary<Bytes16, (Bytes32, ClaimedPackage[])>.Empty;

    public ImmutableDictionary<Bytes16, Bytes32> VoucherRequests { get; init; } = ImmutableDictionary<Bytes16, Bytes32>.Empty;

    public int VouchersLeft { get; init; } = Limits.VouchersAtRegistration;

    public required long VouchersDay { get; init; }
}

internal sealed record TwinDevice
{
    public ulong ReachNumber { get; init; }

    public byte[]? Reach { get; init; }

    public ImmutableList<KeyPackageItem> Packages { get; init; } = [];

    public KeyPackageItem? LastResort { get; init; }

    public bool LastResortUsed { get; init; }
}

/// <summary>A contact token; with a card it is an invite's.</summary>
internal sealed record TwinContact
{
    public byte[]? Card { get; init; }

    public int ClaimsLeft { get; init; }

    public long ExpiresHour { get; init; }

    public Bytes32? Registration { get; init; }

    public TwinInviteState State { get; init; }

    public long? ReadsUntilDay { get; init; }

    public bool IsInvite => Card is not null;
}

internal sealed record TwinChannel
{
    public required ChannelKind Kind { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>H of the request that made it.</summary>
    public required Bytes32 Made { get; init; }

    public ulong Head { get; init; }

    public ulong First { get; init; } = 1;

    public ulong Number { get; init; }

    public required Bytes32 Write { get; init; }

    public Bytes32? WriteBefore { get; init; }

    public long OverlapUntil { get; init; }

    public uint Proposals { get; init; }

    public ImmutableSortedDictionary<ulong, TwinEntry> Entries { get; init; } = ImmutableSortedDictionary<ulong, TwinEntry>.Empty;

    public ImmutableDictionary<Bytes16, TwinMailbox> Mailboxes { get; init; } = ImmutableDictionary<Bytes16, TwinMailbox>.Empty;

    public ImmutableDictionary<Bytes16, TwinAnswer> Answers { get; init; } = ImmutableDictionary<Bytes16, TwinAnswer>.Empty;

    public ImmutableDictionary<Bytes32, TwinLane> Lanes { get; init; } = ImmutableDictionary<Bytes32, TwinLane>.Empty;
}

internal sealed record TwinEntry(Entry Entry, long KeepUntilDay, Bytes32? ReserveKey);

internal sealed record TwinAnswer(Bytes32 Digest, ulong Sequence, long At);

internal sealed record TwinLane(LaneKind Kind, long? ExpiresHour, int Uses);

internal sealed record TwinBlob(Bytes32 Capability, byte[] Content, long UntilDay);

internal sealed record TwinMailbox
{
    public Bytes32? Claim { get; init; }

    public Bytes32? Read { get; init; }

    public Bytes32? NextRead { get; init; }

    public ulong Cursor { get; init; }

    public ulong? DroppedAt { get; init; }

    public byte[]? Note { get; init; }

    public bool OpensWith(Bytes32 hash) => Read == hash || NextRead == hash;

    /// <summary>What it has not acknowledged is kept; a dropped one needs nothing after its last entry.</summary>
    public ulong NeedsAfter => DroppedAt is { } last && Cursor >= last ? ulong.MaxValue : Cursor;
}
