using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>
/// Writing the account plane. Every method runs on the writer's thread, inside a group; it checks first and changes after.
/// </summary>
internal sealed partial class AccountTables : ISqliteTables
{
    /// <summary>How long tokens that were handed out before a theft or a recovery still read.</summary>
    private const int RetiredDays = 120;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly AccountQueries _queries;
    private readonly RequestCounter _claims;
    private readonly RequestCounter _invites;
    private readonly RequestCounter _listsToday;
    private SqliteStatement _insertAccount = null!;
    private SqliteStatement _setHead = null!;
    private SqliteStatement _insertList = null!;
    private SqliteStatement _insertDevice = null!;
    private SqliteStatement _deleteDevice = null!;
    private SqliteStatement _deletePackagesOf = null!;
    private SqliteStatement _reachNumber = null!;
    private SqliteStatement _setReach = null!;
    private SqliteStatement _countLists = null!;
    private SqliteStatement _deleteGone = null!;
    private SqliteStatement _useRegistration = null!;
    private SqliteStatement _retireContacts = null!;
    private SqliteStatement _makeOwner = null!;

    public AccountTables(SqliteConnection connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _queries = new(connection, time);
        _claims = new(Limits.ClaimsPerHour, TimeSpan.FromHours(1), time);
        _invites = new(Limits.InvitesPerDay, TimeSpan.FromDays(1), time);
        _listsToday = new(Limits.ListsPerDay, TimeSpan.FromDays(1), time);
        PrepareAccounts();
        PrepareContacts();
        PrepareKeyPackages();
        PrepareRecovery();
    }

    private long Today => _time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    private long ThisHour => _time.GetUtcNow().ToUnixTimeSeconds() / 3600;

    public void BeginGroup()
    {
        // Nothing is kept in memory.
    }

    public void GroupCommitted()
    {
        // Nothing is kept in memory.
    }

    public void GroupRolledBack()
    {
        // Nothing is kept in memory.
    }

    /// <summary>A new account. One that exists appends lists and may become the owner's, but is not made again.</summary>
    /// <returns>False when the account exists.</returns>
    public bool TryRegister(NewAccount account)
    {
        if (_queries.Exists(account.Account))
            return false;
        if (account.Lists.Count == 0)
            throw new RelayException(RelayProblem.Refused);
        var chain = new ListChain(GenesisRecord.Decode(account.Genesis), [], null);
        var lists = account.Lists.Where(chain.TryAppend).ToList();
        _queries.RequireRight(account.Account, account.Right, account.TokenHash);
        var isOwner = account.Right == RegistrationRight.Token && UseRegistration(account.TokenHash!.Value);
        _deleteGone.Start().With(Bytes32.HashOf(account.Account.ToArray())).Run();
        _insertAccount.Start().With(account.Account).With((ReadOnlySpan<byte>)account.Genesis).With(chain.Head!.Value).With(Today)
            .With((long)Limits.VouchersAtRegistration).With(Today).Run();
        foreach (var list in lists)
            Insert(account.Account, list);
        SetDevices(account.Account, chain.Newest);
        MakeOwner(account.Account, isOwner);
        return true;
    }

    /// <summary>An account that exists becomes the owner's with an owner's link, once.</summary>
    public bool TakeOwnersLink(Bytes32 account, Bytes32? tokenHash)
    {
        if (tokenHash is { } hash && !_queries.IsOwner(account) && IsOpenOwnerLink(hash))
            MakeOwner(account, UseRegistration(hash));
        return true;
    }

    /// <summary>
    /// Appends lists, if the head is still the one that they were checked against. With a list of the recovery key, in the same
    /// transaction, all ends that the devices before it could do; tokens that were handed out still read, so that contacts find
    /// the new list.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="device">The device that asks, null when a key does that needs no list.</param>
    /// <param name="change">What to do.</param>
    /// <returns>False when the head is another by now.</returns>
    public bool TryAppend(Bytes32 account, Bytes32? device, ListChange change)
    {
        if (device is { } asking)
            RequireDevice(account, asking);
        if (_queries.Head(account) != change.Before)
            return false;
        if (change.Added.Count == 0)
            return true;
        RequireRoomForLists(account, change);
        if (change.Recovers)
            EndOld(account);
        foreach (var list in change.Added)
            Insert(account, list);
        _setHead.Start().With(change.Head).With(account).Run();
        SetDevices(account, change.Newest);
        return true;
    }

    public bool SetReachability(ReachabilityRecord reachability, byte[] record)
    {
        if (!_reachNumber.Start().With(reachability.Account).With(reachability.DeviceKey).Next())
            throw new RelayException(RelayProblem.Refused);
        var number = _reachNumber.Number(0);
        var same = !_reachNumber.IsNull(1) && _reachNumber.Blob(1).SequenceEqual(record);
        _reachNumber.Reset();
        if (same)
            return true;
        if (reachability.Number <= number)
            throw new RelayException(RelayProblem.Conflict, "A record with this number or a higher one is there.");
        _setReach.Start().With(reachability.Number).With((ReadOnlySpan<byte>)record).With(reachability.Account).With(reachability.DeviceKey).Run();
        return true;
    }

    private void PrepareAccounts()
    {
        _insertAccount = _connection.Prepare("INSERT INTO accounts VALUES(?, ?, ?, ?, ?, ?, NULL, 0)");
        _setHead = _connection.Prepare("UPDATE accounts SET head = ? WHERE account = ?");
        _insertList = _connection.Prepare("INSERT INTO lists VALUES(?, ?, ?, ?)");
        _insertDevice = _connection.Prepare("INSERT OR IGNORE INTO devices VALUES(?, ?, 0, NULL)");
        _deleteDevice = _connection.Prepare("DELETE FROM devices WHERE account = ? AND device = ?");
        _deletePackagesOf = _connection.Prepare("DELETE FROM key_packages WHERE account = ? AND device = ?");
        _reachNumber = _connection.Prepare("SELECT reach_number, reach FROM devices WHERE account = ? AND device = ?");
        _setReach = _connection.Prepare("UPDATE devices SET reach_number = ?, reach = ? WHERE account = ? AND device = ?");
        _countLists = _connection.Prepare("SELECT count(*) FROM lists WHERE account = ?");
        _deleteGone = _connection.Prepare("DELETE FROM gone_accounts WHERE hash = ?");
        _makeOwner = _connection.Prepare("UPDATE accounts SET owner = 1 WHERE account = ?");
        _useRegistration = _connection.Prepare("UPDATE registrations SET uses_left = uses_left - 1 WHERE hash = ?");
        _retireContacts = _connection.Prepare("UPDATE contacts SET state = 3, reads_until_day = ?, card = NULL WHERE account = ? AND state IN (0, 1)");
    }

    private void RequireDevice(Bytes32 account, Bytes32 device)
    {
        if (!_queries.HasDevice(account, device))
            throw new RelayException(RelayProblem.Refused);
    }

    /// <summary>Lists stay for ever and everybody reads all of them, so they are few; a recovery finds room when ordinary ones do not.</summary>
    private void RequireRoomForLists(Bytes32 account, ListChange change)
    {
        var most = change.Recovers ? Limits.Lists + Limits.RecoveryLists : Limits.Lists;
        if (Count(_countLists.Start().With(account)) + change.Added.Count > most)
            throw new RelayException(RelayProblem.QuotaReached);
        if (!change.Recovers)
            _listsToday.Count(account);
    }

    private void EndOld(Bytes32 account)
    {
        foreach (var device in _queries.Devices(account))
            DeleteDevice(account, device);
        EndRegistrations(account);
        _retireContacts.Start().With(Today + RetiredDays).With(account).Run();
        _setDeletion.Start().With((long?)null).With(account).Run();
    }

    private void Insert(Bytes32 account, VerifiedList list) =>
        _insertList.Start().With(account).With(list.Hash).With(list.List.Number).With((ReadOnlySpan<byte>)list.Record.Encode()).Run();

    /// <summary>Devices that the list leaves out lose everything at once.</summary>
    private void SetDevices(Bytes32 account, DeviceList list)
    {
        var listed = list.Certificates.Select(certificate => certificate.DeviceKey).ToHashSet();
        foreach (var gone in _queries.Devices(account).Where(device => !listed.Contains(device)))
            DeleteDevice(account, gone);
        foreach (var device in listed)
            _insertDevice.Start().With(account).With(device).Run();
    }

    private void DeleteDevice(Bytes32 account, Bytes32 device)
    {
        _deleteDevice.Start().With(account).With(device).Run();
        _deletePackagesOf.Start().With(account).With(device).Run();
    }

    private void MakeOwner(Bytes32 account, bool isOwner)
    {
        if (isOwner)
            _makeOwner.Start().With(account).Run();
    }

    private bool IsOpenOwnerLink(Bytes32 hash) =>
        _queries.FindRegistration(hash) is { IsOwner: true, Left: > 0, State: ContactState.Open } link && ThisHour < link.ExpiresHour;

    /// <returns>Whether the link makes the operator's account.</returns>
    private bool UseRegistration(Bytes32 hash)
    {
        _useRegistration.Start().With(hash).Run();
        return _queries.FindRegistration(hash) is { IsOwner: true };
    }
}
