using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>Recovery records, deletion, and what is too old.</summary>
internal sealed partial class AccountTables
{
    private const int DaysKept = 7;
    private const int WeeksKept = 8;
    private const int DeletionDays = 7;
    private const int AnswerDays = 3;
    private const int InviteDays = 90;

    private static readonly string[] TablesOfAccount =
        ["lists", "devices", "key_packages", "given_packages", "claims", "contacts", "recovery_records", "voucher_requests", "accounts"];

    private SqliteStatement _newestRecord = null!;
    private SqliteStatement _insertRecord = null!;
    private SqliteStatement _recordDays = null!;
    private SqliteStatement _deleteRecord = null!;
    private SqliteStatement _setDeletion = null!;
    private SqliteStatement[] _deleteAccount = null!;
    private SqliteStatement _deleteOldClaims = null!;
    private SqliteStatement _deleteOldGiven = null!;
    private SqliteStatement _unlinkExpired = null!;
    private SqliteStatement _insertGone = null!;
    private SqliteStatement _deleteOldRequests = null!;
    private SqliteStatement _deleteOldPackages = null!;
    private SqliteStatement _deleteOldContacts = null!;
    private SqliteStatement _deleteOldRegistrations = null!;
    private SqliteStatement _dueDeletions = null!;

    /// <summary>The newest record of each of the last 7 days and of each of the 8 weeks before stays.</summary>
    public bool AddRecoveryRecord(Bytes32 device, Bytes32 signer, RecoveryRecord recovery, byte[] record)
    {
        RequireDevice(recovery.Account, device);
        if (_queries.AccountKey(recovery.Account) != signer)
            throw new RelayException(RelayProblem.Refused);
        if (_newestRecord.Start().With(recovery.Account).Next())
        {
            var number = _newestRecord.Number(0);
            var same = _newestRecord.Blob(1).SequenceEqual(record);
            _newestRecord.Reset();
            if (same)
                return true;
            if (recovery.Number <= number)
                throw new RelayException(RelayProblem.Conflict, "A record with this number or a higher one is there.");
        }

        _insertRecord.Start().With(recovery.Account).With(Today).With(recovery.Number).With((ReadOnlySpan<byte>)record).Run();
        foreach (var day in DaysToDrop(recovery.Account))
            _deleteRecord.Start().With(recovery.Account).With(day).Run();
        return true;
    }

    /// <param name="account">The account.</param>
    /// <param name="device">Who asks; null for the recovery key, which need not wait.</param>
    /// <returns>The day on which the account goes.</returns>
    public uint Delete(Bytes32 account, Bytes32? device)
    {
        if (device is not { } asking)
        {
            DeleteAccount(account);
            return (uint)Today;
        }

        RequireDevice(account, asking);
        _setDeletion.Start().With(Today + DeletionDays).With(account).Run();
        return (uint)(Today + DeletionDays);
    }

    public bool Maintain()
    {
        _deleteOldClaims.Start().With(Today - AnswerDays).Run();
        _deleteOldGiven.Start().With(Today - AnswerDays).Run();
        _deleteOldRequests.Start().With(Today - AnswerDays).Run();
        _deleteOldPackages.Start().With(Today).Run();
        _unlinkExpired.Start().With(ThisHour).Run();
        _deleteOldContacts.Start().With(Today).With((Today - InviteDays) * 24).Run();
        _deleteOldRegistrations.Start().With((Today - InviteDays) * 24).Run();
        var due = new List<Bytes32>();
        _dueDeletions.Start().With(Today);
        while (_dueDeletions.Next())
            due.Add(_dueDeletions.ThirtyTwo(0));
        foreach (var account in due)
            DeleteAccount(account);
        return true;
    }

    private void PrepareRecovery()
    {
        _newestRecord = _connection.Prepare("SELECT number, record FROM recovery_records WHERE account = ? ORDER BY day DESC LIMIT 1");
        _insertRecord = _connection.Prepare("INSERT OR REPLACE INTO recovery_records VALUES(?, ?, ?, ?)");
        _recordDays = _connection.Prepare("SELECT day FROM recovery_records WHERE account = ? ORDER BY day DESC");
        _deleteRecord = _connection.Prepare("DELETE FROM recovery_records WHERE account = ? AND day = ?");
        _setDeletion = _connection.Prepare("UPDATE accounts SET delete_day = ? WHERE account = ?");
        _deleteAccount = [.. TablesOfAccount.Select(table => _connection.Prepare($"DELETE FROM {table} WHERE account = ?"))];
        _deleteOldClaims = _connection.Prepare("DELETE FROM claims WHERE day < ?");
        _deleteOldGiven = _connection.Prepare("DELETE FROM given_packages WHERE day < ?");
        _unlinkExpired = _connection.Prepare("UPDATE contacts SET registration_hash = NULL WHERE registration_hash IS NOT NULL AND expires_hour <= ?");
        _insertGone = _connection.Prepare("INSERT OR IGNORE INTO gone_accounts VALUES(?)");
        _deleteOldRequests = _connection.Prepare("DELETE FROM voucher_requests WHERE day < ?");
        _deleteOldPackages = _connection.Prepare("DELETE FROM key_packages WHERE expires_day < ?");
        _deleteOldContacts = _connection.Prepare("DELETE FROM contacts WHERE (state = 3 AND reads_until_day < ?) OR (kind = 1 AND expires_hour < ?)");
        _deleteOldRegistrations = _connection.Prepare("DELETE FROM registrations WHERE expires_hour < ?");
        _dueDeletions = _connection.Prepare("SELECT account FROM accounts WHERE delete_day <= ?");
    }

    /// <summary>Weeks are fixed stretches of seven days, so that the newest record of one stays the newest until the week is too old.</summary>
    private List<long> DaysToDrop(Bytes32 account)
    {
        var drop = new List<long>();
        var weeks = new HashSet<long>();
        var oldest = (Today - DaysKept) / 7 - WeeksKept + 1;
        _recordDays.Start().With(account);
        while (_recordDays.Next())
        {
            var day = _recordDays.Integer(0);
            if (Today - day >= DaysKept && (day / 7 < oldest || !weeks.Add(day / 7)))
                drop.Add(day);
        }

        return drop;
    }

    private void DeleteAccount(Bytes32 account)
    {
        EndRegistrations(account);
        _insertGone.Start().With(Bytes32.HashOf(account.ToArray())).Run();
        foreach (var delete in _deleteAccount)
            delete.Start().With(account).Run();
    }
}
