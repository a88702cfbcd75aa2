using Sotto.Relay.Blobs;
using Sotto.Relay.Channels;
using Sotto.Wire;

namespace Sotto.Relay.Storage;

/// <summary>Told by a store what became durable, in the order of each channel, on the store's own thread: be short.</summary>
public interface IMailboxEvents
{
    /// <summary>An entry was appended. On several nodes this is a hint; the truth is always what reading gives.</summary>
    void Appended(ChannelKey channel, StoredEntry entry);

    /// <summary>A mailbox may read up to and including a sequence and no further. Told before anything later can be read.</summary>
    void Dropped(ChannelKey channel, Bytes16 mailbox, ulong sequence);
}

/// <summary>
/// Everything that the mailbox plane keeps: channels, entries, mailboxes, lanes, vouchers. It knows no account. A task that
/// completes means durable; a refusal is a <see cref="RelayException"/> and changed nothing; trouble with the disk is a
/// <see cref="StorageException"/>.
/// </summary>
public interface IMailboxStore : IAsyncDisposable
{
    /// <summary>Changes when the relay was restored from a backup.</summary>
    ulong Incarnation { get; }

    /// <summary>Whether it can store.</summary>
    StorageHealth Health { get; }

    /// <summary>Makes a channel. The same request again is a success.</summary>
    Task CreateAsync(NewChannel channel);

    /// <summary>Appends an entry (docs/protocol: idempotency first, then the capability, then the number).</summary>
    /// <returns>Its sequence, also when the same post was taken before.</returns>
    Task<ulong> PostAsync(NewEntry entry);

    /// <summary>Whether a write capability may write now; for ephemeral posts, which are not stored.</summary>
    Task<ChannelKey> CheckWriterAsync(Bytes16 channel, Bytes32 capabilityHash);

    /// <summary>Takes an unclaimed mailbox.</summary>
    Task ClaimAsync(Bytes16 channel, Bytes16 mailbox, Bytes32 claimTokenHash, Bytes32 readCapabilityHash);

    /// <summary>Announces the next read capability.</summary>
    Task RekeyAsync(MailboxAccess access, Bytes32 newReadCapabilityHash);

    /// <summary>Opens a mailbox for reading.</summary>
    Task<OpenedMailbox> OpenAsync(MailboxAccess access);

    /// <summary>Opens a mailbox for somebody who goes on listening.</summary>
    /// <param name="access">What opens it.</param>
    /// <param name="after">Where reading is to begin; null for what was acknowledged. Refused when it lies ahead of the head or is gone.</param>
    /// <param name="opened">
    /// Runs on the store's thread, before anything that became durable later is announced: who listens from here on misses no
    /// <see cref="IMailboxEvents.Dropped"/>. Be short, and do not throw.
    /// </param>
    /// <returns>When everything up to the head can be read.</returns>
    Task<OpenedMailbox> ListenAsync(MailboxAccess access, ulong? after, Action<OpenedMailbox> opened);

    /// <summary>Entries after a sequence, up to and including another, at most about the given size and at least one.</summary>
    ValueTask<EntryPage> ReadAsync(ChannelKey channel, ulong after, ulong through, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Notes that a reader has everything up to a sequence. Stored soon, with whatever is committed next.</summary>
    void Acknowledge(ChannelKey channel, Bytes16 mailbox, ulong sequence);

    /// <summary>Replaces a mailbox's note.</summary>
    Task SetNoteAsync(MailboxAccess access, Bytes32? oldNoteHash, byte[] note);

    /// <summary>Replaces a mailbox's wake token.</summary>
    Task SetWakeTokenAsync(MailboxAccess access, byte[]? wakeToken);

    /// <summary>Opens or renews a lane.</summary>
    Task OpenLaneAsync(OwnerAccess access, NewLane lane);

    /// <summary>Closes a lane; one that is not there is a success.</summary>
    Task CloseLaneAsync(OwnerAccess access, Bytes32 laneHash);

    /// <summary>Takes an invite's lane for whoever holds the reserve key.</summary>
    Task ReserveAsync(Bytes16 channel, Bytes32 laneHash, Bytes32 reserveKeyHash);

    /// <summary>Adds hashes of vouchers; the same batch again adds nothing.</summary>
    Task AddVouchersAsync(IReadOnlyList<Bytes32> hashes);

    /// <summary>Pays for a blob and notes it. The same again is a success and spends nothing.</summary>
    Task<KnownBlob> CreateBlobAsync(NewBlob blob);

    /// <summary>The blob that a capability opens.</summary>
    Task<KnownBlob> FindBlobAsync(BlobAddress address, Bytes32 capabilityHash);

    /// <summary>All of it is on the disk.</summary>
    Task CompleteBlobAsync(BlobAddress address);

    /// <summary>Forgets blobs whose time is over.</summary>
    /// <returns>Those whose bytes can go now.</returns>
    Task<IReadOnlyList<BlobAddress>> DropExpiredBlobsAsync();

    /// <summary>Writes a little, so that <see cref="Health"/> says how the disk is now.</summary>
    Task ProbeAsync();

    /// <summary>Drops what is too old. To be called now and then.</summary>
    Task MaintainAsync();
}
