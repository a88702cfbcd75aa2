using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>Contact tokens, invites and vouchers of an account.</summary>
internal sealed partial class AccountTables
{
    /// <summary>How long an invite's token reads after its use.</summary>
    private const int ReadsAfterUseDays = 60;

    private const int ClaimsForUse = 5;

    private SqliteStatement _insertContact = null!;
    private SqliteStatement _deleteContact = null!;
    private SqliteStatement _countContacts = null!;
    private SqliteStatement _retireOthers = null!;
    private SqliteStatement _countOpenInvites = null!;
    private SqliteStatement _endInvite = null!;
    private SqliteStatement _insertRegistration = null!;
    private SqliteStatement _endRegistration = null!;
    private SqliteStatement _registrationOf = null!;
    private SqliteStatement _endRegistrations = null!;
    private SqliteStatement _unlinkRegistrations = null!;
    private SqliteStatement _readVouchers = null!;
    private SqliteStatement _findVoucherRequest = null!;
    private SqliteStatement _insertVoucherRequest = null!;
    private SqliteStatement _setVouchers = null!;

    public bool ChangeContacts(Bytes32 account, Bytes32 device, ContactChange change)
    {
        RequireDevice(account, device);
        var added = change.Add.Distinct().Count(hash => _queries.FindContact(account, hash) is null);
        var removed = change.Remove.Distinct().Count(hash => _queries.FindContact(account, hash) is { Kind: ContactKind.Contact });
        if (Count(_countContacts.Start().With(account)) + added - removed > Limits.ContactTokens)
            throw new RelayException(RelayProblem.QuotaReached);
        if (change.Add.Any(hash => _queries.FindContact(account, hash) is { Kind: not ContactKind.Contact } or { State: not ContactState.Open }))
            throw new RelayException(RelayProblem.Conflict);
        if (change.RetireOthers)
            _retireOthers.Start().With(Today + RetiredDays).With(account).Run();
        foreach (var hash in change.Remove)
            _deleteContact.Start().With(account).With(hash).Run();
        foreach (var hash in change.Add)
            InsertContact(account, hash, ContactKind.Contact, null, null, null, null);
        return true;
    }

    public bool AddInvite(Bytes32 account, Bytes32 device, NewInvite invite)
    {
        RequireDevice(account, device);
        if (_queries.FindContact(account, invite.ContactHash) is { } existing)
        {
            return existing.Kind == ContactKind.Invite && existing.Card!.AsSpan().SequenceEqual(invite.Card)
                ? true
                : throw new RelayException(RelayProblem.Conflict);
        }

        if (Count(_countOpenInvites.Start().With(account).With(ThisHour)) >= Limits.Invites)
            throw new RelayException(RelayProblem.QuotaReached);
        _invites.Count(account);
        if (invite.RegistrationHash is { } registration && !TryAddRegistration(registration, invite.Uses, invite.ExpiresHour, owner: false))
            throw new RelayException(RelayProblem.Conflict);
        InsertContact(account, invite.ContactHash, ContactKind.Invite, ClaimsForUse * invite.Uses, invite.ExpiresHour, invite.Card, invite.RegistrationHash);
        return true;
    }

    /// <summary>Ends an invite, and the registration that came with it: its own one and no other.</summary>
    public bool EndInvite(Bytes32 account, Bytes32 device, Bytes32 contactHash, Bytes32? registrationHash, bool used)
    {
        RequireDevice(account, device);
        if (_queries.FindContact(account, contactHash) is not { Kind: ContactKind.Invite } invite)
            throw new RelayException(RelayProblem.Refused);
        if (invite.State != ContactState.Open)
            return true;
        var own = RegistrationOf(account, contactHash);
        if (registrationHash is not null && registrationHash != own)
            throw new RelayException(RelayProblem.Refused);
        var state = used ? ContactState.Used : ContactState.Revoked;
        _endInvite.Start().With((long)state).With(used ? Today + ReadsAfterUseDays : (long?)null).With(account).With(contactHash).Run();
        if (own is { } registration)
            _endRegistration.Start().With((long)state).With(registration).Run();
        return true;
    }

    public bool AddRegistration(Bytes32 tokenHash, int uses, long expiresHour, bool owner) => TryAddRegistration(tokenHash, uses, expiresHour, owner);

    /// <returns>False when the same request was counted before.</returns>
    public bool CheckVouchers(Bytes32 account, Bytes32 device, VoucherRequest request)
    {
        RequireDevice(account, device);
        return CheckVouchers(account, request);
    }

    /// <returns>How many are left.</returns>
    public int CountVouchers(Bytes32 account, VoucherRequest request)
    {
        if (!CheckVouchers(account, request))
            return VouchersLeft(account);
        var left = VouchersLeft(account) - request.Count;
        _insertVoucherRequest.Start().With(account).With(request.Id).With(request.Digest).With(Today).Run();
        _setVouchers.Start().With((long)left).With(Today).With(account).Run();
        return left;
    }

    private bool CheckVouchers(Bytes32 account, VoucherRequest request)
    {
        if (_findVoucherRequest.Start().With(account).With(request.Id).Next())
        {
            var same = _findVoucherRequest.ThirtyTwo(0) == request.Digest;
            _findVoucherRequest.Reset();
            return same ? false : throw new RelayException(RelayProblem.Conflict);
        }

        return VouchersLeft(account) >= request.Count ? true : throw new RelayException(RelayProblem.QuotaReached);
    }

    private void PrepareContacts()
    {
        _insertContact = _connection.Prepare("INSERT OR IGNORE INTO contacts VALUES(?, ?, ?, 0, ?, ?, NULL, ?, ?)");
        _deleteContact = _connection.Prepare("DELETE FROM contacts WHERE account = ? AND hash = ? AND kind = 0");
        _countContacts = _connection.Prepare("SELECT count(*) FROM contacts WHERE account = ?");
        _retireOthers = _connection.Prepare("UPDATE contacts SET state = 3, reads_until_day = ? WHERE account = ? AND kind = 0 AND state = 0");
        _countOpenInvites = _connection.Prepare("SELECT count(*) FROM contacts WHERE account = ? AND kind = 1 AND state = 0 AND expires_hour > ?");
        _endInvite = _connection.Prepare("UPDATE contacts SET state = ?, reads_until_day = ?, card = NULL, registration_hash = NULL WHERE account = ? AND hash = ?");
        _insertRegistration = _connection.Prepare("INSERT OR IGNORE INTO registrations VALUES(?, ?, 0, ?, ?)");
        _endRegistration = _connection.Prepare("UPDATE registrations SET uses_left = 0, state = ? WHERE hash = ?");
        _registrationOf = _connection.Prepare("SELECT registration_hash FROM contacts WHERE account = ? AND hash = ?");
        _endRegistrations = _connection.Prepare("""
            UPDATE registrations SET uses_left = 0, state = 2
            WHERE hash IN (SELECT registration_hash FROM contacts WHERE account = ? AND registration_hash IS NOT NULL)
            """);
        _unlinkRegistrations = _connection.Prepare("UPDATE contacts SET registration_hash = NULL WHERE account = ?");
        _readVouchers = _connection.Prepare("SELECT vouchers_left, vouchers_day FROM accounts WHERE account = ?");
        _findVoucherRequest = _connection.Prepare("SELECT digest FROM voucher_requests WHERE account = ? AND id = ?");
        _insertVoucherRequest = _connection.Prepare("INSERT INTO voucher_requests VALUES(?, ?, ?, ?)");
        _setVouchers = _connection.Prepare("UPDATE accounts SET vouchers_left = ?, vouchers_day = ? WHERE account = ?");
    }

    private void InsertContact(Bytes32 account, Bytes32 hash, ContactKind kind, int? claims, long? expiresHour, byte[]? card, Bytes32? registrationHash) =>
        _insertContact.Start().With(account).With(hash).With((long)kind).With((long?)claims).With(expiresHour).With(card).With(registrationHash).Run();

    private Bytes32? RegistrationOf(Bytes32 account, Bytes32 contactHash)
    {
        var found = _registrationOf.Start().With(account).With(contactHash).Next() ? _registrationOf.OptionalThirtyTwo(0) : null;
        _registrationOf.Reset();
        return found;
    }

    /// <summary>Nobody registers any more with an invite of the account that is open.</summary>
    private void EndRegistrations(Bytes32 account)
    {
        _endRegistrations.Start().With(account).Run();
        _unlinkRegistrations.Start().With(account).Run();
    }

    private bool TryAddRegistration(Bytes32 hash, int uses, long expiresHour, bool owner)
    {
        _insertRegistration.Start().With(hash).With((long)uses).With(expiresHour).With(owner ? 1L : 0L).Run();
        return _connection.Changes == 1;
    }

    /// <summary>A day brings 20, of which 50 can be saved up.</summary>
    private int VouchersLeft(Bytes32 account)
    {
        if (!_readVouchers.Start().With(account).Next())
            throw new RelayException(RelayProblem.Refused);
        var (left, day) = (_readVouchers.Integer(0), _readVouchers.Integer(1));
        _readVouchers.Reset();
        return (int)Math.Min(Limits.VouchersSaved, left + Limits.VouchersPerDay * Math.Max(0, Today - day));
    }

    private static long Count(SqliteStatement started)
    {
        started.Next();
        var count = started.Integer(0);
        started.Reset();
        return count;
    }
}
