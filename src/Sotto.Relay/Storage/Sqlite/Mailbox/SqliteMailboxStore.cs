using Sotto.Crypto;
using Sotto.Relay.Blobs;
using Sotto.Relay.Channels;
using Sotto.Wire;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>The mailbox plane in one SQLite file. One instance holds the file; the owner disposes it.</summary>
public sealed class SqliteMailboxStore : IMailboxStore
{
    private static readonly TimeSpan SettleEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SettleAge = TimeSpan.FromSeconds(1);

    private readonly IMailboxEvents _events;
    private readonly RecentLog _log = new();
    private readonly MailboxTables _tables;
    private readonly SqliteWriter<MailboxTables> _writer;
    private readonly SqliteReaders<Queries> _readers;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly PeriodicTimer _timer;
    private readonly Task _settling;

    /// <summary>Opens the file in a folder, or makes it.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="crypto">For random keys.</param>
    /// <param name="time">The clock of every limit.</param>
    /// <param name="limits">What a channel may hold.</param>
    /// <param name="events">Told what is durable.</param>
    /// <exception cref="StorageException">The file cannot be used; it was not changed.</exception>
    public SqliteMailboxStore(string folder, ICryptoProvider crypto, TimeProvider time, RelayLimits limits, IMailboxEvents events)
    {
        _events = events;
        var path = Path.Combine(folder, MailboxSchema.FileName);
        var connection = MailboxSchema.Migrations.OpenForWriting(path, limits.Flushes);
        _tables = new(connection, crypto, time, limits, _log);
        _writer = new(connection, _tables, Health, "sotto mailbox writer");
        _readers = new(path, 2, reader => new(reader));
        _checkpoints = new(path, time);
        _timer = new(SettleEvery, time);
        _settling = Task.Run(SettleAsync);
    }

    /// <inheritdoc/>
    public ulong Incarnation => _tables.Incarnation;

    /// <inheritdoc/>
    public StorageHealth Health { get; } = new();

    /// <inheritdoc/>
    public Task CreateAsync(NewChannel channel) => _writer.RunAsync(tables => tables.Create(channel));

    /// <inheritdoc/>
    public async Task<ulong> PostAsync(NewEntry entry)
    {
        var taken = await _writer.RunAsync(tables => tables.Post(entry), AnnounceEnds, AnnounceEntry).ConfigureAwait(false);
        return taken.Sequence;
    }

    /// <inheritdoc/>
    public Task<ChannelKey> CheckWriterAsync(Bytes16 channel, Bytes32 capabilityHash) =>
        _writer.RunAsync(tables => tables.CheckWriter(channel, capabilityHash));

    /// <inheritdoc/>
    public Task ClaimAsync(Bytes16 channel, Bytes16 mailbox, Bytes32 claimTokenHash, Bytes32 readCapabilityHash) =>
        _writer.RunAsync(tables => tables.Claim(channel, mailbox, claimTokenHash, readCapabilityHash));

    /// <inheritdoc/>
    public Task RekeyAsync(MailboxAccess access, Bytes32 newReadCapabilityHash) =>
        _writer.RunAsync(tables => tables.Rekey(access, newReadCapabilityHash));

    /// <inheritdoc/>
    public Task<OpenedMailbox> OpenAsync(MailboxAccess access) => _writer.RunAsync(tables => tables.OpenForReading(access));

    /// <inheritdoc/>
    public Task<OpenedMailbox> ListenAsync(MailboxAccess access, ulong? after, Action<OpenedMailbox> opened) =>
        _writer.RunAsync(tables => tables.OpenForListening(access, after), opened);

    /// <inheritdoc/>
    public ValueTask<EntryPage> ReadAsync(ChannelKey channel, ulong after, ulong through, int maxBytes, CancellationToken cancellationToken)
    {
        var entries = new List<StoredEntry>();
        var first = _log.Read(channel, after, through, maxBytes, entries);
        return first != 0 && after + 1 >= first ? new(new EntryPage(entries, 0)) : new(ReadSettledAsync(channel, after, first, through, maxBytes, cancellationToken));
    }

    /// <inheritdoc/>
    public void Acknowledge(ChannelKey channel, Bytes16 mailbox, ulong sequence) => _tables.Acknowledge(channel, mailbox, sequence);

    /// <inheritdoc/>
    public Task SetNoteAsync(MailboxAccess access, Bytes32? oldNoteHash, byte[] note) =>
        _writer.RunAsync(tables => tables.SetNote(access, oldNoteHash, note));

    /// <inheritdoc/>
    public Task SetWakeTokenAsync(MailboxAccess access, byte[]? wakeToken) =>
        _writer.RunAsync(tables => tables.SetWakeToken(access, wakeToken));

    /// <inheritdoc/>
    public Task OpenLaneAsync(OwnerAccess access, NewLane lane) => _writer.RunAsync(tables => tables.OpenLane(access, lane));

    /// <inheritdoc/>
    public Task CloseLaneAsync(OwnerAccess access, Bytes32 laneHash) => _writer.RunAsync(tables => tables.CloseLane(access, laneHash));

    /// <inheritdoc/>
    public Task ReserveAsync(Bytes16 channel, Bytes32 laneHash, Bytes32 reserveKeyHash) =>
        _writer.RunAsync(tables => tables.Reserve(channel, laneHash, reserveKeyHash));

    /// <inheritdoc/>
    public Task AddVouchersAsync(IReadOnlyList<Bytes32> hashes) => _writer.RunAsync(tables => tables.AddVouchers(hashes));

    /// <inheritdoc/>
    public Task<KnownBlob> CreateBlobAsync(NewBlob blob) => _writer.RunAsync(tables => tables.CreateBlob(blob));

    /// <inheritdoc/>
    public Task<KnownBlob> FindBlobAsync(BlobAddress address, Bytes32 capabilityHash) =>
        _readers.ReadAsync(queries => queries.FindBlob(address, capabilityHash), CancellationToken.None);

    /// <inheritdoc/>
    public Task CompleteBlobAsync(BlobAddress address) => _writer.RunAsync(tables => tables.CompleteBlob(address));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BlobAddress>> DropExpiredBlobsAsync() =>
        await _writer.RunAsync(tables => tables.DropExpiredBlobs()).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task ProbeAsync() => _writer.ProbeAsync();

    /// <inheritdoc/>
    public async Task MaintainAsync()
    {
        while (await _writer.RunAsync(tables => tables.EndOverlaps()).ConfigureAwait(false))
        {
            // A portion at a time, so that posts do not wait for all of it.
        }

        for (long? at = 0; at is { } after;)
            at = await _writer.RunAsync(tables => tables.Maintain(after)).ConfigureAwait(false);
    }

    /// <summary>Settles everything that is in the log now.</summary>
    internal async Task SettleAllAsync()
    {
        while (await _writer.RunAsync(tables => tables.SettleOlderThan(TimeSpan.Zero)).ConfigureAwait(false))
        {
            // A portion at a time.
        }
    }

    /// <summary>Settles what lies in the log and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _settling.ConfigureAwait(false);
        try
        {
            await SettleAllAsync().ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // What is in the log is durable and will be settled by the next start.
        }

        await _checkpoints.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whoever may read no further knows it before there is something further.</summary>
    private void AnnounceEnds(PostTaken taken)
    {
        foreach (var mailbox in taken.Dropped)
            _events.Dropped(taken.Channel, mailbox, taken.Sequence);
    }

    private void AnnounceEntry(PostTaken taken)
    {
        if (taken.Appended is { } entry)
            _events.Appended(taken.Channel, entry);
    }

    /// <summary>Settled rows were committed before memory forgot them, so what memory did not have is in the file.</summary>
    private async Task<EntryPage> ReadSettledAsync(ChannelKey channel, ulong after, ulong firstInLog, ulong through, int maxBytes, CancellationToken cancellationToken)
    {
        var entries = await _readers.ReadAsync(queries => queries.Read(channel, after, through, maxBytes), cancellationToken).ConfigureAwait(false);
        if (entries.Count == 0 && firstInLog != 0 && firstInLog <= through)
            _log.Read(channel, firstInLog - 1, through, maxBytes, entries);
        var gap = entries.Count > 0 && entries[0].Sequence > after + 1 ? entries[0].Sequence : 0;
        return new(entries, gap);
    }

    private async Task SettleAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            try
            {
                while (await _writer.RunAsync(tables => tables.SettleOlderThan(SettleAge)).ConfigureAwait(false))
                {
                    // A portion at a time.
                }
            }
            catch (Exception e) when (e is StorageException or RelayException)
            {
                // Health shows it; the rows stay in the log and the next tick tries again.
            }
        }
    }

    /// <summary>The statements of one reading connection.</summary>
    private sealed class Queries(SqliteConnection connection)
    {
        private readonly BlobQueries _blobs = new(connection);
        private readonly SqliteStatement _read = connection.Prepare("SELECT sequence, body FROM entries WHERE channel = ? AND sequence > ? AND sequence <= ? ORDER BY sequence");

        public KnownBlob FindBlob(BlobAddress address, Bytes32 capabilityHash) => _blobs.Find(address, capabilityHash);

        public List<StoredEntry> Read(ChannelKey channel, ulong after, ulong through, int maxBytes)
        {
            var entries = new List<StoredEntry>();
            _read.Start().With(channel.Value).With(after).With(Math.Min(through, long.MaxValue));
            while (maxBytes > 0 && _read.Next())
            {
                entries.Add(new(_read.Number(0), _read.Bytes(1)));
                maxBytes -= entries[^1].Bytes.Length;
            }

            _read.Reset();
            return entries;
        }
    }
}
