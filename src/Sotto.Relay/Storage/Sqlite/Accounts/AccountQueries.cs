using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>What a contact token is for.</summary>
internal enum ContactKind
{
    Contact = 0,
    Invite = 1,
}

/// <summary>What became of a contact token or invite.</summary>
internal enum ContactState
{
    Open = 0,
    Used = 1,
    Revoked = 2,

    /// <summary>Reads for a while and does nothing else: after theft or recovery.</summary>
    Retired = 3,
}

/// <summary>A registration token's row.</summary>
internal sealed record Registration(long Left, ContactState State, long ExpiresHour, bool IsOwner);

/// <summary>A contact token's row.</summary>
internal sealed record Contact(ContactKind Kind, ContactState State, int? ClaimsLeft, long? ExpiresHour, long? ReadsUntilDay, byte[]? Card);

/// <summary>Reading the account plane, on the writer's connection or a reader's.</summary>
internal sealed class AccountQueries(SqliteConnection connection, TimeProvider time)
{
    private readonly SqliteStatement _account = connection.Prepare("SELECT genesis, head FROM accounts WHERE account = ?");
    private readonly SqliteStatement _lists = connection.Prepare("SELECT hash, record FROM lists WHERE account = ? ORDER BY number");
    private readonly SqliteStatement _device = connection.Prepare("SELECT 1 FROM devices WHERE account = ? AND device = ?");
    private readonly SqliteStatement _owner = connection.Prepare("SELECT 1 FROM accounts WHERE account = ? AND owner = 1");
    private readonly SqliteStatement _devices = connection.Prepare("SELECT device FROM devices WHERE account = ?");
    private readonly SqliteStatement _reach = connection.Prepare("SELECT reach FROM devices WHERE account = ? AND reach IS NOT NULL");
    private readonly SqliteStatement _contact = connection.Prepare("SELECT kind, state, claims_left, expires_hour, reads_until_day, card FROM contacts WHERE account = ? AND hash = ?");
    private readonly SqliteStatement _invites = connection.Prepare("SELECT hash, state, claims_left, expires_hour FROM contacts WHERE account = ? AND kind = 1");
    private readonly SqliteStatement _packages = connection.Prepare("SELECT last_resort, used FROM key_packages WHERE account = ? AND device = ? AND expires_day >= ?");
    private readonly SqliteStatement _recovery = connection.Prepare("SELECT record FROM recovery_records WHERE account = ? ORDER BY day DESC");

    private readonly SqliteStatement _registration = connection.Prepare("SELECT uses_left, state, expires_hour, owner FROM registrations WHERE hash = ?");
    private readonly SqliteStatement _firstLink = connection.Prepare("""
        SELECT EXISTS(SELECT 1 FROM accounts) OR EXISTS(SELECT 1 FROM registrations WHERE owner = 1 AND state = 0 AND uses_left > 0 AND expires_hour > ?)
        """);
    private readonly SqliteStatement _gone = connection.Prepare("SELECT 1 FROM gone_accounts WHERE hash = ?");
    private readonly SqliteStatement _newest = connection.Prepare("SELECT record FROM accounts JOIN lists USING (account) WHERE account = ? AND hash = head");

    private long Today => time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    private long ThisHour => time.GetUtcNow().ToUnixTimeSeconds() / 3600;

    public ListChain? Chain(Bytes32 account)
    {
        if (!_account.Start().With(account).Next())
            return null;
        var genesis = GenesisRecord.Decode(_account.Blob(0));
        var head = _account.ThirtyTwo(1);
        _account.Reset();
        return new(genesis, ReadLists(account).Select(stored => new ChainedList(stored.Hash, DeviceList.Decode(stored.Record.Body.Span))), head);
    }

    public bool NeedsFirstLink()
    {
        var has = _firstLink.Start().With(ThisHour).Next() && _firstLink.Integer(0) != 0;
        _firstLink.Reset();
        return !has;
    }

    public bool Exists(Bytes32 account) => Head(account) is not null;

    /// <summary>H of the newest list; null when there is no such account.</summary>
    public Bytes32? Head(Bytes32 account)
    {
        var head = _account.Start().With(account).Next() ? _account.ThirtyTwo(1) : (Bytes32?)null;
        _account.Reset();
        return head;
    }

    /// <summary>The key that the newest list names; null when there is no such account.</summary>
    public Bytes32? AccountKey(Bytes32 account)
    {
        if (!_newest.Start().With(account).Next())
            return null;
        var record = SignedRecord.Decode(_newest.Bytes(0));
        _newest.Reset();
        return DeviceList.Decode(record.Body.Span).AccountKey;
    }

    /// <summary>Refuses whoever may not make an account, each for the reason that there is.</summary>
    public void RequireRight(Bytes32 account, RegistrationRight right, Bytes32? tokenHash)
    {
        if (right == RegistrationRight.Open || (right == RegistrationRight.Receipt && !IsGone(account)))
            return;
        if (right == RegistrationRight.Receipt || tokenHash is not { } hash || FindRegistration(hash) is not { } registration)
            throw new RelayException(RelayProblem.TokenRefused);
        if (registration.State == ContactState.Revoked)
            throw new RelayException(RelayProblem.InviteRevoked);
        if (registration.Left <= 0)
            throw new RelayException(RelayProblem.InviteUsed);
        if (ThisHour >= registration.ExpiresHour)
            throw new RelayException(RelayProblem.InviteExpired);
    }

    public Registration? FindRegistration(Bytes32 hash)
    {
        if (!_registration.Start().With(hash).Next())
            return null;
        var found = new Registration(_registration.Integer(0), (ContactState)_registration.Integer(1), _registration.Integer(2), _registration.Integer(3) != 0);
        _registration.Reset();
        return found;
    }

    public bool HasDevice(Bytes32 account, Bytes32 device)
    {
        var found = _device.Start().With(account).With(device).Next();
        _device.Reset();
        return found;
    }

    public bool IsOwner(Bytes32 account)
    {
        var found = _owner.Start().With(account).Next();
        _owner.Reset();
        return found;
    }

    public List<Bytes32> Devices(Bytes32 account)
    {
        var devices = new List<Bytes32>();
        _devices.Start().With(account);
        while (_devices.Next())
            devices.Add(_devices.ThirtyTwo(0));
        return devices;
    }

    /// <summary>
    /// Genesis, the lists that count from a number on, and reachability. Unknown and not allowed are the same answer after the
    /// same work: one look for the token.
    /// </summary>
    public DirectoryAnswer Directory(Bytes32 account, DirectoryReader reader, ulong fromNumber)
    {
        if (reader.TokenHash is { } hash && !MayRead(FindContact(account, hash)))
            throw new RelayException(RelayProblem.Refused);
        var chain = Chain(account) ?? throw new RelayException(RelayProblem.Refused);
        var counting = chain.Ancestry().Select(list => list.Hash).ToHashSet();
        var lists = ReadLists(account).Where(stored => counting.Contains(stored.Hash) && stored.Number >= fromNumber);
        return new(Genesis(account)!, [.. lists.Select(stored => stored.Record.Encode())], Reachability(account), []);
    }

    /// <summary>The card, or why there is none any more: whoever holds the token may know.</summary>
    public byte[] Card(Bytes32 account, Bytes32 contactHash)
    {
        if (FindContact(account, contactHash) is not { Kind: ContactKind.Invite } invite)
            throw new RelayException(RelayProblem.Refused);
        RequireOpen(invite);
        return invite.Card!;
    }

    public Contact? FindContact(Bytes32 account, Bytes32 hash)
    {
        if (!_contact.Start().With(account).With(hash).Next())
            return null;
        var contact = new Contact(
            (ContactKind)_contact.Integer(0), (ContactState)_contact.Integer(1), (int?)_contact.OptionalInteger(2),
            _contact.OptionalInteger(3), _contact.OptionalInteger(4), _contact.OptionalBytes(5));
        _contact.Reset();
        return contact;
    }

    /// <summary>Refuses an invite that was used, taken back or has expired, each by its name.</summary>
    public void RequireOpen(Contact invite)
    {
        if (invite.State == ContactState.Used)
            throw new RelayException(RelayProblem.InviteUsed);
        if (invite.State != ContactState.Open)
            throw new RelayException(RelayProblem.InviteRevoked);
        if (ThisHour >= invite.ExpiresHour)
            throw new RelayException(RelayProblem.InviteExpired);
    }

    public InviteItem[] Invites(Bytes32 account)
    {
        var invites = new List<InviteItem>();
        _invites.Start().With(account);
        while (_invites.Next())
        {
            var expires = _invites.Integer(3);
            var state = (ContactState)_invites.Integer(1) switch
            {
                ContactState.Used => "used",
                ContactState.Open => ThisHour >= expires ? "expired" : "open",
                _ => "revoked",
            };
            invites.Add(new(_invites.Bytes(0), state, (int)_invites.Integer(2), (uint)expires));
        }

        return [.. invites];
    }

    public KeyPackagesAnswer CountKeyPackages(Bytes32 account, Bytes32 device)
    {
        var (oneTime, last, lastUsed) = (0, false, false);
        _packages.Start().With(account).With(device).With(Today);
        while (_packages.Next())
        {
            if (_packages.Integer(0) == 0)
                oneTime++;
            else
                (last, lastUsed) = (true, _packages.Integer(1) != 0);
        }

        return new(oneTime, last, lastUsed, oneTime < Limits.KeyPackages / 4 || !last || lastUsed);
    }

    public RecoveryAnswer? Recovery(Bytes32 account)
    {
        if (Genesis(account) is not { } genesis)
            return null;
        var records = new List<byte[]>();
        _recovery.Start().With(account);
        while (_recovery.Next())
            records.Add(_recovery.Bytes(0));
        return new(genesis, [.. ReadLists(account).Select(stored => stored.Record.Encode())], [.. records]);
    }

    private bool IsGone(Bytes32 account)
    {
        var found = _gone.Start().With(Bytes32.HashOf(account.ToArray())).Next();
        _gone.Reset();
        return found;
    }

    public byte[]? Genesis(Bytes32 account)
    {
        if (!_account.Start().With(account).Next())
            return null;
        var genesis = _account.Bytes(0);
        _account.Reset();
        return genesis;
    }

    private byte[][] Reachability(Bytes32 account)
    {
        var records = new List<byte[]>();
        _reach.Start().With(account);
        while (_reach.Next())
            records.Add(_reach.Bytes(0));
        return [.. records];
    }

    /// <summary>An invite's token reads until it expires, and after its use for 60 days; a contact's until it is retired and its time is over.</summary>
    private bool MayRead(Contact? contact) => contact switch
    {
        null or { State: ContactState.Revoked } => false,
        { ReadsUntilDay: { } last } => Today <= last,
        { Kind: ContactKind.Invite } => ThisHour < contact.ExpiresHour,
        _ => true,
    };

    private List<(Bytes32 Hash, ulong Number, SignedRecord Record)> ReadLists(Bytes32 account)
    {
        var lists = new List<(Bytes32, ulong, SignedRecord)>();
        _lists.Start().With(account);
        while (_lists.Next())
        {
            var record = SignedRecord.Decode(_lists.Bytes(1));
            lists.Add((_lists.ThirtyTwo(0), DeviceList.Decode(record.Body.Span).Number, record));
        }

        return lists;
    }
}
