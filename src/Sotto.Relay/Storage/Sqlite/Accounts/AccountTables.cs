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
    private SqliteStatement _insertAccount = null!;
    private SqliteStatement _setHead = null!;
    private SqliteStatement _insertList = null!;
    private SqliteStatement _insertDevice = null!;
    private SqliteStatement _deleteDevice = null!;
    private SqliteStatement _deletePackagesOf = null!;
    private SqliteStatement _reachNumber = null!;
    private SqliteStatement _setReach = null!;
    private SqliteStatement _findRegistration = null!;
    private SqliteStatement _useRegistration = null!;
    private SqliteStatement _retireContacts = null!;
    private SqliteStatement _makeOwner = null!;

    public AccountTables(SqliteConnection connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _queries = new(connection, time);
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

    /// <summary>The same account again is a success: it may publish lists that the relay lacks, and spends no token.</summary>
    public bool Register(NewAccount account)
    {
        if (_queries.Chain(account.Account) is { } existing)
        {
            AppendAll(account.Account, existing, account.Lists);
            if (account.TokenHash is { } owners && !_queries.IsOwner(account.Account) && IsOpenOwnerLink(owners))
                MakeOwner(account.Account, UseRegistration(owners));
            return true;
        }

        var genesis = GenesisRecord.Decode(account.Genesis);
        var chain = new ListChain(genesis, [], null);
        foreach (var list in account.Lists)
            chain.TryAppend(list);
        var isOwner = account.Right == RegistrationRight.Token && UseRegistration(account.TokenHash);
        _insertAccount.Start().With(account.Account).With((ReadOnlySpan<byte>)account.Genesis).With(chain.Head!.Value).With(Today)
            .With((long)Limits.VouchersAtRegistration).With(Today).Run();
        foreach (var list in account.Lists)
            Insert(account.Account, list);
        SetDevices(account.Account, chain.Newest);
        MakeOwner(account.Account, isOwner);
        return true;
    }

    public bool AppendList(Bytes32 account, VerifiedList list)
    {
        var chain = _queries.Chain(account) ?? throw new RelayException(RelayProblem.Refused);
        AppendAll(account, chain, [list]);
        return true;
    }

    /// <summary>
    /// The list of the recovery key, and in the same transaction the end of all that the devices before it could do. Tokens
    /// that were handed out still read, so that contacts find the new list.
    /// </summary>
    public bool Recover(Bytes32 account, VerifiedList list)
    {
        var chain = _queries.Chain(account) ?? throw new RelayException(RelayProblem.Refused);
        if (list.List.Recovery is null)
            throw new RelayException(RelayProblem.Malformed, "A recovery needs a list of the recovery key.");
        if (!chain.TryAppend(list))
            return true;
        foreach (var device in _queries.Devices(account))
            DeleteDevice(account, device);
        _retireContacts.Start().With(Today + RetiredDays).With(account).Run();
        Insert(account, list);
        _setHead.Start().With(list.Hash).With(account).Run();
        _setDeletion.Start().With((long?)null).With(account).Run();
        SetDevices(account, list.List);
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
        _findRegistration = _connection.Prepare("SELECT uses_left, state, expires_hour, owner FROM registrations WHERE hash = ?");
        _makeOwner = _connection.Prepare("UPDATE accounts SET owner = 1 WHERE account = ?");
        _useRegistration = _connection.Prepare("UPDATE registrations SET uses_left = uses_left - 1 WHERE hash = ?");
        _retireContacts = _connection.Prepare("UPDATE contacts SET state = 3, reads_until_day = ?, card = NULL WHERE account = ? AND state IN (0, 1)");
    }

    private void AppendAll(Bytes32 account, ListChain chain, IReadOnlyList<VerifiedList> lists)
    {
        var added = lists.Where(chain.TryAppend).ToList();
        if (added.Count == 0)
            return;
        foreach (var list in added)
            Insert(account, list);
        _setHead.Start().With(chain.Head!.Value).With(account).Run();
        SetDevices(account, chain.Newest);
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
        FindRegistration(hash) is { IsOwner: true, Left: > 0, State: ContactState.Open } link && ThisHour < link.ExpiresHour;

    /// <returns>Whether the link makes the operator's account.</returns>
    private bool UseRegistration(Bytes32? tokenHash)
    {
        if (tokenHash is not { } hash || FindRegistration(hash) is not { } registration)
            throw new RelayException(RelayProblem.TokenRefused);
        if (registration.State == ContactState.Revoked)
            throw new RelayException(RelayProblem.InviteRevoked);
        if (registration.Left <= 0)
            throw new RelayException(RelayProblem.InviteUsed);
        if (ThisHour >= registration.ExpiresHour)
            throw new RelayException(RelayProblem.InviteExpired);
        _useRegistration.Start().With(hash).Run();
        return registration.IsOwner;
    }

    private Registration? FindRegistration(Bytes32 hash)
    {
        if (!_findRegistration.Start().With(hash).Next())
            return null;
        var found = new Registration(_findRegistration.Integer(0), (ContactState)_findRegistration.Integer(1), _findRegistration.Integer(2), _findRegistration.Integer(3) != 0);
        _findRegistration.Reset();
        return found;
    }

    private sealed record Registration(long Left, ContactState State, long ExpiresHour, bool IsOwner);
}
