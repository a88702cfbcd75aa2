using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>Key packages that were given away.</summary>
/// <param name="Packages">One for each device.</param>
/// <param name="DevicesLow">Devices whose packages ran low with it.</param>
internal sealed record PackagesClaimed(ClaimedPackage[] Packages, int DevicesLow);

/// <summary>
/// Key packages: each one-time package goes to one claim, the last-resort one to any number. What was given stays for the
/// claim's repetitions, once for each package: claims make nothing grow but by their own few bytes.
/// </summary>
internal sealed partial class AccountTables
{
    private SqliteStatement _insertPackage = null!;
    private SqliteStatement _deleteLastResort = null!;
    private SqliteStatement _takePackage = null!;
    private SqliteStatement _deletePackage = null!;
    private SqliteStatement _useLastResort = null!;
    private SqliteStatement _findClaim = null!;
    private SqliteStatement _insertClaim = null!;
    private SqliteStatement _countClaim = null!;
    private SqliteStatement _insertGiven = null!;
    private SqliteStatement _findGiven = null!;

    public KeyPackagesAnswer AddKeyPackages(Bytes32 account, Bytes32 device, NewKeyPackages packages)
    {
        if (!_queries.HasDevice(account, device))
            throw new RelayException(RelayProblem.Refused);
        var there = packages.Replace ? 0 : _queries.CountKeyPackages(account, device).OneTime;
        if (there + packages.Packages.Count > Limits.KeyPackages)
            throw new RelayException(RelayProblem.QuotaReached);
        if (packages.Replace)
            _deletePackagesOf.Start().With(account).With(device).Run();
        foreach (var package in packages.Packages)
            Insert(account, device, package, isLastResort: false);
        if (packages.LastResort is { } lastResort)
        {
            _deleteLastResort.Start().With(account).With(device).Run();
            Insert(account, device, lastResort, isLastResort: true);
        }

        return _queries.CountKeyPackages(account, device);
    }

    /// <summary>Unknown account and unknown token are the same answer; a claim that is repeated costs nothing.</summary>
    public PackagesClaimed Claim(Bytes32 account, Bytes32 contactHash, Bytes16 id)
    {
        var contact = _queries.FindContact(account, contactHash) ?? throw new RelayException(RelayProblem.Refused);
        if (FindClaim(account, id, contactHash) is { } earlier)
            return new(earlier, 0);
        if (contact.Kind == ContactKind.Invite)
        {
            _queries.RequireOpen(contact);
            if (contact.ClaimsLeft <= 0)
                throw new RelayException(RelayProblem.QuotaReached);
        }
        else if (contact.State != ContactState.Open)
        {
            throw new RelayException(RelayProblem.Refused);
        }

        _claims.Count(account);
        var devices = _queries.Devices(account);
        var low = devices.Where(device => _queries.CountKeyPackages(account, device).RunningLow).ToHashSet();
        var answer = devices.Select(device => new ClaimedPackage(device.ToArray(), Take(account, device))).ToArray();
        _countClaim.Start().With(account).With(contactHash).Run();
        _insertClaim.Start().With(account).With(id).With(contactHash).With(Today).With((ReadOnlySpan<byte>)Names(answer)).Run();
        return new(answer, devices.Count(device => !low.Contains(device) && _queries.CountKeyPackages(account, device).RunningLow));
    }

    private void PrepareKeyPackages()
    {
        _insertPackage = _connection.Prepare("INSERT OR IGNORE INTO key_packages VALUES(?, ?, ?, ?, 0, ?, ?)");
        _deleteLastResort = _connection.Prepare("DELETE FROM key_packages WHERE account = ? AND device = ? AND last_resort = 1");
        _takePackage = _connection.Prepare("""
            SELECT hash, last_resort, package FROM key_packages
            WHERE account = ? AND device = ? AND expires_day >= ? ORDER BY last_resort, expires_day LIMIT 1
            """);
        _deletePackage = _connection.Prepare("DELETE FROM key_packages WHERE account = ? AND device = ? AND last_resort = 0 AND hash = ?");
        _useLastResort = _connection.Prepare("UPDATE key_packages SET used = 1 WHERE account = ? AND device = ? AND last_resort = 1");
        _findClaim = _connection.Prepare("SELECT contact_hash, answer FROM claims WHERE account = ? AND id = ?");
        _insertGiven = _connection.Prepare("INSERT OR REPLACE INTO given_packages VALUES(?, ?, ?, ?)");
        _findGiven = _connection.Prepare("SELECT package FROM given_packages WHERE account = ? AND hash = ?");
        _insertClaim = _connection.Prepare("INSERT INTO claims VALUES(?, ?, ?, ?, ?)");
        _countClaim = _connection.Prepare("UPDATE contacts SET claims_left = claims_left - 1 WHERE account = ? AND hash = ?");
    }

    private void Insert(Bytes32 account, Bytes32 device, KeyPackageItem package, bool isLastResort) =>
        _insertPackage.Start().With(account).With(device).With(Bytes32.HashOf(package.Bytes)).With(isLastResort ? 1L : 0L)
            .With((long)package.ExpiresDay).With((ReadOnlySpan<byte>)package.Bytes).Run();

    private byte[]? Take(Bytes32 account, Bytes32 device)
    {
        if (!_takePackage.Start().With(account).With(device).With(Today).Next())
            return null;
        var (hash, isLastResort, package) = (_takePackage.ThirtyTwo(0), _takePackage.Integer(1) != 0, _takePackage.Bytes(2));
        _takePackage.Reset();
        _insertGiven.Start().With(account).With(hash).With(Today).With((ReadOnlySpan<byte>)package).Run();
        if (isLastResort)
            _useLastResort.Start().With(account).With(device).Run();
        else
            _deletePackage.Start().With(account).With(device).With(hash).Run();
        return package;
    }

    private ClaimedPackage[]? FindClaim(Bytes32 account, Bytes16 id, Bytes32 contactHash)
    {
        if (!_findClaim.Start().With(account).With(id).Next())
            return null;
        var same = _findClaim.ThirtyTwo(0) == contactHash;
        var names = _findClaim.Bytes(1);
        _findClaim.Reset();
        if (!same)
            throw new RelayException(RelayProblem.Conflict);
        return [.. names.Chunk(2 * Bytes32.Length).Select(name => new ClaimedPackage(name[..Bytes32.Length], Given(account, new(name.AsSpan(Bytes32.Length)))))];
    }

    /// <summary>Device and H of its package, one after the other; zeros for a device that had none left.</summary>
    private static byte[] Names(ClaimedPackage[] packages) =>
        [.. packages.SelectMany(claimed => claimed.Device.Concat((claimed.Package is { } package ? Bytes32.HashOf(package) : default).ToArray()))];

    private byte[]? Given(Bytes32 account, Bytes32 hash)
    {
        if (!_findGiven.Start().With(account).With(hash).Next())
            return null;
        var package = _findGiven.Bytes(0);
        _findGiven.Reset();
        return package;
    }
}
