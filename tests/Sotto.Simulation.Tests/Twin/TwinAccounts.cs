using System.Collections.Immutable;
using Sotto.Client;
using Sotto.Client.Accounts;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>The twin's account plane.</summary>
internal sealed class TwinAccounts(TwinRelay relay)
{
    private const int ClaimsForUse = 5;
    private const int ReadsAfterUseDays = 60;

    private readonly Dictionary<string, List<long>> _asked = [];

    private TwinState State { get => relay.State; set => relay.State = value; }

    public RegisterAnswer Register(RequestSigner signer, RegisterRequest request)
    {
        RequireSignature(signer);
        var account = signer.Account.Value;
        if (GenesisRecord.AccountIdOf(request.Genesis) != account || request.Lists.Length is 0 or > 64)
            throw relay.Refuse(RelayProblem.Malformed, "a registration of another account, or without lists");
        var lists = Verified(signer, request);
        if (!lists.Newest.Certificates.Any(certificate => certificate.DeviceKey == signer.Key))
            throw relay.Refuse(RelayProblem.Refused, "a registration by a device that is not listed");
        if (!State.Accounts.ContainsKey(account))
        {
            SpendRight(account, request);
            State = State with
            {
                Accounts = State.Accounts.Add(account, new()
                {
                    Genesis = request.Genesis,
                    Lists = [.. request.Lists],
                    Devices = lists.Newest.Certificates.ToImmutableDictionary(certificate => certificate.DeviceKey, _ => new TwinDevice()),
                    VouchersDay = relay.Day,
                }),
            };
        }

        return new(relay.Sign(new RegistrationReceiptContent(account).ToSign()), relay.IncarnationBytes);
    }

    public void PublishReachability(RequestSigner signer, byte[] record)
    {
        var (account, device) = RequireDevice(signer);
        ReachabilityRecord reach;
        SignedRecord signed;
        try
        {
            signed = SignedRecord.Decode(record);
            reach = ReachabilityRecord.Decode(signed.Body.Span);
        }
        catch (RecordException)
        {
            throw relay.Refuse(RelayProblem.Malformed, "a reachability record that is none");
        }

        var isTheirs = reach.Account == signer.Account.Value && reach.DeviceKey == signer.Key
            && RecordSigning.Verifies(relay.Crypto, signer.Key, SignContent.Reachability, signed);
        if (!isTheirs)
            throw relay.Refuse(RelayProblem.Malformed, "another's reachability record");
        if (device.Reach is { } there && there.AsSpan().SequenceEqual(record))
            return;
        if (reach.Number <= device.ReachNumber)
            throw relay.Refuse(RelayProblem.Conflict, "a reachability record with an old number");
        Save(signer, account, device with { Reach = record, ReachNumber = reach.Number });
    }

    public KeyPackagesAnswer AddKeyPackages(RequestSigner signer, KeyPackagesRequest request)
    {
        var (account, device) = RequireDevice(signer);
        foreach (var package in request.LastResort is { } last ? [.. request.Packages, last] : request.Packages)
        {
            if (package.Bytes.Length is 0 or > Limits.KeyPackage || package.ExpiresDay < relay.Day || package.ExpiresDay > relay.Day + Limits.KeyPackageDays)
                throw relay.Refuse(RelayProblem.Malformed, "a KeyPackage that has expired or lasts too long");
            if (account.Claims.Values.Any(claim => claim.Answer.Any(given => given.Package is { } bytes && bytes.AsSpan().SequenceEqual(package.Bytes))))
                throw relay.Refuse(RelayProblem.Malformed, "a KeyPackage that was handed out before");
        }

        var kept = request.Replace ? new TwinDevice { Reach = device.Reach, ReachNumber = device.ReachNumber } : device;
        if (Usable(kept).Count + request.Packages.Length > Limits.KeyPackages)
            throw relay.Refuse(RelayProblem.QuotaReached, "too many KeyPackages");
        kept = kept with { Packages = [.. Usable(kept), .. request.Packages] };
        if (request.LastResort is { } resort)
            kept = kept with { LastResort = resort, LastResortUsed = false };
        Save(signer, account, kept);
        return Count(kept);
    }

    public KeyPackagesAnswer CountKeyPackages(RequestSigner signer) => Count(RequireDevice(signer).Device);

    /// <summary>The mailbox plane hears of a batch first and takes it once; then the account is charged, once for an id.</summary>
    public VouchersAnswer AddVouchers(RequestSigner signer, VouchersRequest request)
    {
        var (account, _) = RequireDevice(signer);
        var hashes = request.Hashes.Select(hash => new Bytes32(hash)).ToList();
        if (hashes.Count is 0 or > Limits.VouchersSaved || hashes.Distinct().Count() != hashes.Count || request.Id.Length != Bytes16.Length)
            throw relay.Refuse(RelayProblem.Malformed, "an order of vouchers");
        if (!hashes.SequenceEqual(hashes.Order()))
            throw relay.Refuse(RelayProblem.Malformed, "vouchers in an order that may say something");
        var (id, digest) = (new Bytes16(request.Id), Bytes32.HashOf(request.Hashes.SelectMany(hash => hash).ToArray()));
        var left = (int)Math.Min(Limits.VouchersSaved, account.VouchersLeft + Limits.VouchersPerDay * Math.Max(0, relay.Day - account.VouchersDay));
        if (account.VoucherRequests.TryGetValue(id, out var known))
            return known == digest ? new(left) : throw relay.Refuse(RelayProblem.Conflict, "other vouchers under the same id");
        if (left < hashes.Count)
            throw new RelayRefusedException(RelayProblem.QuotaReached);
        if (!State.VoucherBatches.Contains(digest))
            State = State with { VoucherBatches = State.VoucherBatches.Add(digest), Vouchers = State.Vouchers.Union(hashes) };
        Save(signer, account with { VoucherRequests = account.VoucherRequests.Add(id, digest), VouchersLeft = left - hashes.Count, VouchersDay = relay.Day });
        return new(left - hashes.Count);
    }

    public void AddInvite(RequestSigner signer, InviteRequest request)
    {
        var (account, _) = RequireDevice(signer);
        var contact = new Bytes32(request.ContactHash);
        if (request.Card.Length is 0 or > Limits.Card || request.Uses is < 1 or > Limits.InviteUses || request.ExpiresHour <= relay.Hour || request.ExpiresHour > relay.Hour + Limits.InviteDays * 24)
        {
            // One whose time ended on its way, or that a clock ahead made too long, is nobody's mistake.
            throw request.Card.Length > 0 && request.Uses is >= 1 and <= Limits.InviteUses ? new RelayRefusedException(RelayProblem.Malformed) : relay.Refuse(RelayProblem.Malformed, "an invite");
        }

        if (account.Contacts.TryGetValue(contact, out var known))
        {
            if (!known.IsInvite || !known.Card.AsSpan().SequenceEqual(request.Card))
                throw relay.Refuse(RelayProblem.Conflict, "another invite with this contact token");
            return;
        }

        if (account.Contacts.Values.Count(other => other is { IsInvite: true, State: TwinInviteState.Open } && other.ExpiresHour > relay.Hour) >= Limits.Invites)
            throw new RelayRefusedException(RelayProblem.QuotaReached);
        var registration = request.RegistrationHash is { } hash ? new Bytes32(hash) : (Bytes32?)null;
        if (registration is { } token)
        {
            if (State.Registrations.ContainsKey(token))
                throw relay.Refuse(RelayProblem.Conflict, "a registration token of another invite");
            State = State with { Registrations = State.Registrations.Add(token, new(request.Uses, request.ExpiresHour, TwinInviteState.Open)) };
        }

        var invite = new TwinContact { Card = request.Card, ClaimsLeft = ClaimsForUse * request.Uses, ExpiresHour = request.ExpiresHour, Registration = registration };
        Save(signer, account with { Contacts = account.Contacts.Add(contact, invite) });
    }

    public void RevokeInvite(RequestSigner signer, RevokeRequest request)
    {
        var (account, _) = RequireDevice(signer);
        var contact = new Bytes32(request.ContactHash);
        if (!account.Contacts.TryGetValue(contact, out var invite) || !invite.IsInvite)
            throw relay.Refuse(RelayProblem.Refused, "the end of an invite that is not known");
        if (invite.State != TwinInviteState.Open)
            return;
        if (request.RegistrationHash is { } hash && new Bytes32(hash) != invite.Registration)
            throw relay.Refuse(RelayProblem.Refused, "the end of another invite's registration");
        var state = request.Used ? TwinInviteState.Used : TwinInviteState.Revoked;
        if (invite.Registration is { } token)
            State = State with { Registrations = State.Registrations.SetItem(token, State.Registrations[token] with { Left = 0, State = state }) };
        invite = invite with { State = state, Registration = null, ReadsUntilDay = request.Used ? relay.Day + ReadsAfterUseDays : null };
        Save(signer, account with { Contacts = account.Contacts.SetItem(contact, invite) });
    }

    public void ChangeContactTokens(RequestSigner signer, ContactTokensRequest request)
    {
        var (account, _) = RequireDevice(signer);
        if (request.Add.Length > 1000 || request.Remove.Length > 1000)
            throw relay.Refuse(RelayProblem.TooLarge, "contact tokens");
        var contacts = account.Contacts;
        var (add, remove) = (request.Add.Select(hash => new Bytes32(hash)).ToList(), request.Remove.Select(hash => new Bytes32(hash)).ToList());
        if (add.Any(hash => contacts.TryGetValue(hash, out var known) && known.IsInvite))
            throw relay.Refuse(RelayProblem.Conflict, "an invite's token as a contact's");
        contacts = contacts.RemoveRange(remove.Where(hash => contacts.TryGetValue(hash, out var known) && !known.IsInvite));
        foreach (var hash in add)
            contacts = contacts.SetItem(hash, new());
        Save(signer, account with { Contacts = contacts });
    }

    public DirectoryAnswer ReadDirectory(Bytes32 account, Bytes32 token)
    {
        CountLookup(account, token);
        var (found, contact) = Find(account, token);
        var reads = contact.ReadsUntilDay is { } last ? relay.Day <= last : contact.State != TwinInviteState.Revoked && (!contact.IsInvite || relay.Hour < contact.ExpiresHour);
        if (!reads)
            throw relay.Refuse(RelayProblem.Refused, "the directory with a token that does not read");
        return new(found.Genesis, [.. found.Lists], [.. found.Devices.Values.Select(device => device.Reach).OfType<byte[]>()], []);
    }

    public byte[] ReadCard(Bytes32 account, Bytes32 token)
    {
        CountLookup(account, token);
        var (_, contact) = Find(account, token);
        if (!contact.IsInvite)
            throw relay.Refuse(RelayProblem.Refused, "the card of no invite");
        RequireOpen(contact);
        return contact.Card!;
    }

    public ClaimAnswer Claim(ClaimRequest request)
    {
        if (request.Targets.Length is 0 or > Limits.ClaimTargets)
            throw relay.Refuse(RelayProblem.TooLarge, "a claim");
        return new([.. request.Targets.Select(target =>
        {
            try
            {
                return new ClaimedTarget(Claim(new(target.Account), new(target.Token), new(target.Id)));
            }
            catch (RelayRefusedException refused)
            {
                return new ClaimedTarget(null, ProblemTypes.Of(refused.Problem!.Value).Type);
            }
        })]);
    }

    private ClaimedPackage[] Claim(Bytes32 account, Bytes32 token, Bytes16 id)
    {
        if (IsOver($"claim {Convert.ToHexString(token.ToArray())}", 10, 60))
            throw relay.Refuse(RelayProblem.RateLimited, "claims with one token");
        var hash = Bytes32.HashOf(token.ToArray());
        var (found, contact) = Find(account, token);
        if (found.Claims.TryGetValue(id, out var earlier))
            return earlier.Contact == hash ? earlier.Answer : throw relay.Refuse(RelayProblem.Conflict, "another's claim");
        if (contact.IsInvite)
            RequireOpen(contact);
        if (contact is { IsInvite: true, ClaimsLeft: <= 0 })
            throw relay.Refuse(RelayProblem.QuotaReached, "claims of an invite");
        var answer = new List<ClaimedPackage>();
        foreach (var (key, device) in found.Devices)
        {
            var usable = Usable(device);
            var given = usable.Count > 0 ? usable.MinBy(package => package.ExpiresDay) : device.LastResort is { } last && last.ExpiresDay >= relay.Day ? last : null;
            answer.Add(new(key.ToArray(), given?.Bytes));
            var after = usable.Count > 0 ? device with { Packages = usable.Remove(given!) } : device with { LastResortUsed = device.LastResortUsed || given is not null };
            found = found with { Devices = found.Devices.SetItem(key, after) };
        }

        found = found with { Claims = found.Claims.Add(id, (hash, [.. answer])), Contacts = found.Contacts.SetItem(hash, contact with { ClaimsLeft = contact.ClaimsLeft - 1 }) };
        State = State with { Accounts = State.Accounts.SetItem(account, found) };
        return [.. answer];
    }

    private VerifiedAccount Verified(RequestSigner signer, RegisterRequest request)
    {
        try
        {
            return VerifiedAccount.Verify(relay.Crypto, signer.Account, new(request.Genesis, request.Lists, [], []));
        }
        catch (ClientException)
        {
            throw relay.Refuse(RelayProblem.Malformed, "a registration whose lists do not verify");
        }
    }

    private void SpendRight(Bytes32 account, RegisterRequest request)
    {
        if (request.Receipt is { } receipt && relay.Signed(new RegistrationReceiptContent(account).ToSign(), receipt))
            return;
        var token = request.Token is { } given ? Bytes32.HashOf(given) : throw relay.Refuse(RelayProblem.TokenRefused, "a registration without a token");
        if (!State.Registrations.TryGetValue(token, out var right))
            throw relay.Refuse(RelayProblem.TokenRefused, "an unknown registration token");
        if (right.State == TwinInviteState.Revoked)
            throw relay.Refuse(RelayProblem.InviteRevoked, "a registration");
        if (right.Left <= 0)
            throw relay.Refuse(RelayProblem.InviteUsed, "a registration");
        if (relay.Hour >= right.ExpiresHour)
            throw relay.Refuse(RelayProblem.InviteExpired, "a registration");
        State = State with { Registrations = State.Registrations.SetItem(token, right with { Left = right.Left - 1 }) };
    }

    private void RequireOpen(TwinContact invite)
    {
        if (invite.State == TwinInviteState.Used)
            throw relay.Refuse(RelayProblem.InviteUsed, "an invite");
        if (invite.State == TwinInviteState.Revoked)
            throw relay.Refuse(RelayProblem.InviteRevoked, "an invite");
        if (relay.Hour >= invite.ExpiresHour)
            throw relay.Refuse(RelayProblem.InviteExpired, "an invite");
    }

    private (TwinAccount Account, TwinContact Contact) Find(Bytes32 account, Bytes32 token) =>
        State.Accounts.TryGetValue(account, out var found) && found.Contacts.TryGetValue(Bytes32.HashOf(token.ToArray()), out var contact)
            ? (found, contact)
            : throw relay.Refuse(RelayProblem.Refused, "an unknown account or token");

    private void CountLookup(Bytes32 account, Bytes32 token)
    {
        if (IsOver($"look {Convert.ToHexString([.. account.ToArray(), .. token.ToArray()])}", Limits.LookupsPerHour, 3600))
            throw new RelayRefusedException(RelayProblem.RateLimited);
    }

    private bool IsOver(string what, int most, long seconds)
    {
        if (!_asked.TryGetValue(what, out var times))
            _asked[what] = times = [];
        times.RemoveAll(time => time <= relay.Now - seconds);
        if (times.Count >= most)
            return true;
        times.Add(relay.Now);
        return false;
    }

    private ImmutableList<KeyPackageItem> Usable(TwinDevice device) => device.Packages.RemoveAll(package => package.ExpiresDay < relay.Day);

    private KeyPackagesAnswer Count(TwinDevice device)
    {
        var (count, hasLast) = (Usable(device).Count, device.LastResort is { } last && last.ExpiresDay >= relay.Day);
        return new(count, hasLast, hasLast && device.LastResortUsed, count < Limits.KeyPackages / 4 || !hasLast || device.LastResortUsed);
    }

    private (TwinAccount Account, TwinDevice Device) RequireDevice(RequestSigner signer)
    {
        RequireSignature(signer);
        return State.Accounts.TryGetValue(signer.Account.Value, out var account) && account.Devices.TryGetValue(signer.Key, out var device)
            ? (account, device)
            : throw relay.Refuse(RelayProblem.Refused, "a request of no listed device");
    }

    /// <summary>Whoever asks has the key that they name.</summary>
    private void RequireSignature(RequestSigner signer)
    {
        var nonce = new Bytes32(relay.Random(Bytes32.Length));
        var content = new SignedRequest(relay.IdentityKey, signer.Account.Value, signer.Key, "PUT", "/", Bytes32.HashOf([]), nonce).ToSign();
        if (!relay.Crypto.Ed25519Verify(signer.Key.ToArray(), content, signer.Sign(relay.IdentityKey, "PUT", "/", [], nonce)))
            throw relay.Refuse(RelayProblem.Malformed, "a request with another's key");
    }

    private void Save(RequestSigner signer, TwinAccount account) =>
        State = State with { Accounts = State.Accounts.SetItem(signer.Account.Value, account) };

    private void Save(RequestSigner signer, TwinAccount account, TwinDevice device) =>
        Save(signer, account with { Devices = account.Devices.SetItem(signer.Key, device) });
}
