using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>The account plane in one SQLite file. One instance holds the file; the owner disposes it.</summary>
public sealed class SqliteAccountStore : IAccountStore
{
    private readonly SqliteWriter<AccountTables> _writer;
    private readonly SqliteReaders<AccountQueries> _readers;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly IAccountEvents? _events;

    /// <summary>Opens the file in a folder, or makes it.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="time">The clock of every limit.</param>
    /// <param name="events">Told what is durable; null for nobody.</param>
    /// <exception cref="StorageException">The file cannot be used; it was not changed.</exception>
    public SqliteAccountStore(string folder, TimeProvider time, IAccountEvents? events = null)
    {
        _events = events;
        var path = Path.Combine(folder, AccountSchema.FileName);
        var connection = AccountSchema.Migrations.OpenForWriting(path);
        _writer = new(connection, new(connection, time), Health, "sotto account writer");
        _readers = new(path, 2, reader => new(reader, time));
        _checkpoints = new(path, time);
    }

    /// <inheritdoc/>
    public StorageHealth Health { get; } = new();

    /// <inheritdoc/>
    public async Task RegisterAsync(NewAccount account)
    {
        if (await _writer.RunAsync(tables => tables.TryRegister(account)).ConfigureAwait(false))
            return;
        await AppendAsync(account.Account, null, account.Lists).ConfigureAwait(false);
        await _writer.RunAsync(tables => tables.TakeOwnersLink(account.Account, account.TokenHash)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> RequireRightAsync(Bytes32 account, RegistrationRight right, Bytes32? tokenHash, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries =>
        {
            if (queries.Exists(account))
                return true;
            queries.RequireRight(account, right, tokenHash);
            return false;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task AddRegistrationAsync(Bytes32 tokenHash, int uses, long expiresHour, bool owner = false) =>
        _writer.RunAsync(tables => tables.AddRegistration(tokenHash, uses, expiresHour, owner));

    /// <inheritdoc/>
    public Task<bool> NeedsFirstLinkAsync(CancellationToken cancellationToken) => _readers.ReadAsync(queries => queries.NeedsFirstLink(), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsOwnerAsync(Bytes32 account, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.IsOwner(account), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> HasDeviceAsync(Bytes32 account, Bytes32 device, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.HasDevice(account, device), cancellationToken);

    /// <inheritdoc/>
    public Task<ListChain?> ReadChainAsync(Bytes32 account, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Chain(account), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]?> ReadGenesisAsync(Bytes32 account, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Genesis(account), cancellationToken);

    /// <inheritdoc/>
    public Task AppendListAsync(Bytes32 account, Bytes32 device, VerifiedList list) => AppendAsync(account, device, [list]);

    /// <inheritdoc/>
    public Task RecoverAsync(Bytes32 account, VerifiedList list) => list.List.Recovery is null
        ? throw new RelayException(RelayProblem.Malformed, "A recovery needs a list of the recovery key.")
        : AppendAsync(account, null, [list]);

    /// <inheritdoc/>
    public Task SetReachabilityAsync(ReachabilityRecord reachability, byte[] record) =>
        _writer.RunAsync(tables => tables.SetReachability(reachability, record));

    /// <inheritdoc/>
    public Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, DirectoryReader reader, ulong fromNumber, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Directory(account, reader, fromNumber), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 contactHash, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Card(account, contactHash), cancellationToken);

    /// <inheritdoc/>
    public Task<KeyPackagesAnswer> AddKeyPackagesAsync(Bytes32 account, Bytes32 device, NewKeyPackages packages) =>
        _writer.RunAsync(tables => tables.AddKeyPackages(account, device, packages));

    /// <inheritdoc/>
    public Task<KeyPackagesAnswer> CountKeyPackagesAsync(Bytes32 account, Bytes32 device, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.CountKeyPackages(account, device), cancellationToken);

    /// <inheritdoc/>
    public Task<ClaimedPackage[]> ClaimAsync(Bytes32 account, Bytes32 contactHash, Bytes16 id) =>
        ClaimPackagesAsync(account, contactHash, id);

    /// <inheritdoc/>
    public Task ChangeContactsAsync(Bytes32 account, Bytes32 device, ContactChange change) =>
        _writer.RunAsync(tables => tables.ChangeContacts(account, device, change));

    /// <inheritdoc/>
    public Task AddInviteAsync(Bytes32 account, Bytes32 device, NewInvite invite) => _writer.RunAsync(tables => tables.AddInvite(account, device, invite));

    /// <inheritdoc/>
    public Task<InviteItem[]> ReadInvitesAsync(Bytes32 account, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Invites(account), cancellationToken);

    /// <inheritdoc/>
    public Task EndInviteAsync(Bytes32 account, Bytes32 device, Bytes32 contactHash, Bytes32? registrationHash, bool used) =>
        _writer.RunAsync(tables => tables.EndInvite(account, device, contactHash, registrationHash, used));

    /// <inheritdoc/>
    public Task<bool> CheckVouchersAsync(Bytes32 account, Bytes32 device, VoucherRequest request) =>
        _writer.RunAsync(tables => tables.CheckVouchers(account, device, request));

    /// <inheritdoc/>
    public Task<int> CountVouchersAsync(Bytes32 account, VoucherRequest request) =>
        _writer.RunAsync(tables => tables.CountVouchers(account, request));

    /// <inheritdoc/>
    public Task AddRecoveryRecordAsync(Bytes32 device, Bytes32 signer, RecoveryRecord recovery, byte[] record) =>
        _writer.RunAsync(tables => tables.AddRecoveryRecord(device, signer, recovery, record));

    /// <inheritdoc/>
    public Task<RecoveryAnswer?> ReadRecoveryAsync(Bytes32 account, CancellationToken cancellationToken) =>
        _readers.ReadAsync(queries => queries.Recovery(account), cancellationToken);

    /// <inheritdoc/>
    public Task<uint> DeleteAsync(Bytes32 account, Bytes32? device) => _writer.RunAsync(tables => tables.Delete(account, device));

    /// <inheritdoc/>
    public Task ProbeAsync() => _writer.ProbeAsync();

    /// <inheritdoc/>
    public Task MaintainAsync() => _writer.RunAsync(tables => tables.Maintain());

    /// <summary>The rule over the lists is worked out beside the writer, and again when another list came first.</summary>
    private async Task AppendAsync(Bytes32 account, Bytes32? device, IReadOnlyList<VerifiedList> lists)
    {
        while (true)
        {
            var chain = await ReadChainAsync(account, CancellationToken.None).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
            var change = ListChange.Of(chain, lists);
            if (await _writer.RunAsync(tables => tables.TryAppend(account, device, change)).ConfigureAwait(false))
                return;
        }
    }

    private async Task<ClaimedPackage[]> ClaimPackagesAsync(Bytes32 account, Bytes32 contactHash, Bytes16 id)
    {
        var claim = await _writer.RunAsync(tables => tables.Claim(account, contactHash, id), Announce).ConfigureAwait(false);
        return claim.Packages;
    }

    private void Announce(PackagesClaimed claim)
    {
        for (var device = 0; device < claim.DevicesLow; device++)
            _events?.KeyPackagesRanLow();
    }

    /// <summary>Carries out what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
    }
}
