using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>Lists, reachability, invites, cards, key packages, vouchers.</summary>
public sealed class DirectoryTests
{
    [Fact]
    public async Task A_contact_token_reads_genesis_lists_and_reachability_and_nothing_tells_unknown_from_not_allowed()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using var nobody = new Person(relay.Server.Address, relay.Server.Identity.Key);
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        var reachability = Reachability(ann, 5);
        await ann.TellAsync(HttpMethod.Put, Routes.Reachability, new RecordRequest(reachability), RelayJson.Default.RecordRequest);

        var directory = await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token);
        Assert.Equal(ann.Keys.Genesis, directory.Genesis);
        Assert.Equal(ann.List.Encode(), Assert.Single(directory.Lists));
        Assert.Equal(reachability, Assert.Single(directory.Reachability));
        Assert.Empty((await ann.GetAsync(ann.Target(Routes.Directory) + "?from=2", RelayJson.Default.DirectoryAnswer, token)).Lists);
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, Bytes.Random(32)));
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(nobody.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token));

        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([], [Bytes.Hash(token)]), RelayJson.Default.ContactTokensRequest);
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token));
    }

    [Fact]
    public async Task Tokens_that_were_retired_read_for_120_days_and_claim_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (old, fresh) = (Bytes.Random(32), Bytes.Random(32));
        await ChangeContactsAsync(ann, [old]);
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([Bytes.Hash(fresh)], [], RetireOthers: true), RelayJson.Default.ContactTokensRequest);

        Assert.Equal("urn:sotto:problem:refused", (await ClaimAsync(ann, old)).Problem);
        Assert.Null((await ClaimAsync(ann, fresh)).Problem);
        relay.Time.Advance(TimeSpan.FromDays(120));
        await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, old);
        relay.Time.Advance(TimeSpan.FromDays(1));
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, old));
        await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, fresh);
    }

    [Fact]
    public async Task A_device_that_a_list_leaves_out_loses_login_reachability_and_key_packages()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (phone, laptop) = (ann.Device, new SigningKey());
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        await UploadAsync(ann, relay.Today, 3);
        await ann.TellAsync(HttpMethod.Put, Routes.Reachability, new RecordRequest(Reachability(ann, 1)), RelayJson.Default.RecordRequest);

        ann.List = ann.Keys.List(ann.List, phone, laptop);
        await ann.TellAsync(HttpMethod.Post, Routes.Lists, new ListRequest(ann.List.Encode()), RelayJson.Default.ListRequest);
        ann.Device = laptop;
        ann.List = ann.Keys.List(ann.List, laptop);
        await ann.TellAsync(HttpMethod.Post, Routes.Lists, new ListRequest(ann.List.Encode()), RelayJson.Default.ListRequest);

        var claimed = Assert.Single((await ClaimAsync(ann, token)).Packages!);
        Assert.Equal(laptop.Public.ToArray(), claimed.Device);
        Assert.Null(claimed.Package);
        var directory = await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token);
        Assert.Equal(3, directory.Lists.Length);
        Assert.Empty(directory.Reachability);
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer, key: phone));
    }

    [Fact]
    public async Task Reachability_only_rises_and_is_its_own_devices()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        await PutAsync(Reachability(ann, 5));
        await PutAsync(Reachability(ann, 5));
        await Refusal.IsAsync(RelayProblem.Conflict, () => PutAsync(Reachability(ann, 4)));
        await Refusal.IsAsync(RelayProblem.Malformed, () => PutAsync(Reachability(ann, 6, device: new SigningKey())));
        await Refusal.IsAsync(RelayProblem.Refused, () => PutAsync(Reachability(ann, 6, signer: new SigningKey())));
        await PutAsync(Reachability(ann, 6));

        Task PutAsync(byte[] record) => ann.TellAsync(HttpMethod.Put, Routes.Reachability, new RecordRequest(record), RelayJson.Default.RecordRequest);
    }

    [Fact]
    public async Task A_one_time_package_goes_to_one_claim_and_the_last_resort_to_the_rest()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        var (packages, last) = await UploadAsync(ann, relay.Today, 2);

        var claimed = new List<byte[]>();
        for (var i = 0; i < 4; i++)
            claimed.Add(Assert.Single((await ClaimAsync(ann, token)).Packages!).Package!);
        Assert.Equal(packages.Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))), claimed.Take(2).Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))));
        Assert.All(claimed.Skip(2), package => Assert.Equal(last, package));
        var left = await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
        Assert.Equal(new KeyPackagesAnswer(0, true, true, true), left);
    }

    [Fact]
    public async Task The_same_claim_again_gets_the_same_package_for_two_days()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        await UploadAsync(ann, relay.Today, 10);
        var id = Bytes.Random(16);
        var first = Assert.Single((await ClaimAsync(ann, token, id)).Packages!).Package;

        relay.Time.Advance(TimeSpan.FromHours(48));
        await relay.Server.Accounts.MaintainAsync();
        Assert.Equal(first, Assert.Single((await ClaimAsync(ann, token, id)).Packages!).Package);
        Assert.Equal(9, (await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer)).OneTime);
    }

    [Fact]
    public async Task Claims_are_limited_to_ten_a_minute_for_a_token()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        await UploadAsync(ann, relay.Today, 50);
        for (var i = 0; i < 10; i++)
            Assert.Null((await ClaimAsync(ann, token)).Problem);

        Assert.Equal("urn:sotto:problem:rate-limited", (await ClaimAsync(ann, token)).Problem);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await ClaimAsync(ann, token)).Problem);
    }

    [Fact]
    public async Task An_expired_package_is_handed_to_nobody()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var token = Bytes.Random(32);
        await ChangeContactsAsync(ann, [token]);
        await UploadAsync(ann, relay.Today, 2, days: 1);
        relay.Time.Advance(TimeSpan.FromDays(2));

        Assert.Null(Assert.Single((await ClaimAsync(ann, token)).Packages!).Package);
        await Refusal.IsAsync(RelayProblem.Malformed, () => UploadAsync(ann, relay.Today, 1, days: 31));
    }

    [Fact]
    public async Task A_device_keeps_at_most_a_hundred_packages()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        await UploadAsync(ann, relay.Today, 100);

        await Refusal.IsAsync(RelayProblem.QuotaReached, () => UploadAsync(ann, relay.Today, 1));
        var replaced = await ann.AskAsync(HttpMethod.Put, Routes.KeyPackages, new KeyPackagesRequest([new(Bytes.Random(64), (uint)relay.Today)], null, Replace: true), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
        Assert.Equal(new KeyPackagesAnswer(1, false, false, true), replaced);
    }

    [Fact]
    public async Task An_invite_gives_card_five_claims_and_one_registration_and_its_ends_are_told_apart()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        await UploadAsync(ann, relay.Today, 20);
        var (contact, registration, card) = (Bytes.Random(32), Bytes.Random(32), Bytes.Random(500));
        var invite = new InviteRequest(Bytes.Hash(contact), card, 1, relay.ThisHour + 24, Bytes.Hash(registration));
        await InviteAsync(ann, invite);
        await InviteAsync(ann, invite);

        Assert.Equal(card, (await ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, contact)).Card);
        for (var i = 0; i < 5; i++)
            Assert.NotNull((await ClaimAsync(ann, contact)).Packages);
        Assert.Equal("urn:sotto:problem:quota-reached", (await ClaimAsync(ann, contact)).Problem);
        using var bob = new Person(relay.Server.Address, relay.Server.Identity.Key);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await bob.RegisterAsync(registration);
        await Refusal.IsAsync(RelayProblem.InviteUsed, () => eve.RegisterAsync(registration));

        await ann.TellAsync(HttpMethod.Post, Routes.RevokeInvite, new RevokeRequest(Bytes.Hash(contact), Bytes.Hash(registration), Used: true), RelayJson.Default.RevokeRequest);
        await Refusal.IsAsync(RelayProblem.InviteUsed, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, contact));
        await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, contact);
        relay.Time.Advance(TimeSpan.FromDays(61));
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, contact));
    }

    [Fact]
    public async Task A_revoked_invite_and_an_expired_one_say_so_to_whoever_holds_the_token()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (revoked, expired, registration) = (Bytes.Random(32), Bytes.Random(32), Bytes.Random(32));
        await InviteAsync(ann, new(Bytes.Hash(revoked), [1], 1, relay.ThisHour + 24, Bytes.Hash(registration)));
        await InviteAsync(ann, new(Bytes.Hash(expired), [1], 1, relay.ThisHour + 1));
        await ann.TellAsync(HttpMethod.Post, Routes.RevokeInvite, new RevokeRequest(Bytes.Hash(revoked), Bytes.Hash(registration)), RelayJson.Default.RevokeRequest);
        relay.Time.Advance(TimeSpan.FromHours(1));

        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, revoked));
        await Refusal.IsAsync(RelayProblem.InviteExpired, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, expired));
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, Bytes.Random(32)));
        using var bob = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => bob.RegisterAsync(registration));
        Assert.Equal(["expired", "revoked"], (await ann.GetAsync(Routes.Invites, RelayJson.Default.InvitesAnswer)).Invites.Select(invite => invite.State).Order());
    }

    [Fact]
    public async Task An_account_has_ten_open_invites()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        for (var i = 0; i < 10; i++)
            await InviteAsync(ann, new(Bytes.Random(32), [1], 1, relay.ThisHour + 1));

        await Refusal.IsAsync(RelayProblem.QuotaReached, () => InviteAsync(ann, new(Bytes.Random(32), [1], 1, relay.ThisHour + 1)));
        relay.Time.Advance(TimeSpan.FromHours(1));
        await InviteAsync(ann, new(Bytes.Random(32), [1], 1, relay.ThisHour + 1));
        await Refusal.IsAsync(RelayProblem.Malformed, () => InviteAsync(ann, new(Bytes.Random(32), [1], 1, relay.ThisHour + 169)));
    }

    [Fact]
    public async Task Vouchers_come_ten_at_first_then_twenty_a_day_up_to_fifty_and_a_repeat_costs_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (id, vouchers) = (Bytes.Random(16), Enumerable.Range(0, 4).Select(_ => Bytes.Random(32)).ToList());
        Assert.Equal(6, (await ann.AskVouchersAsync(id, vouchers)).Left);
        Assert.Equal(6, (await ann.AskVouchersAsync(id, vouchers)).Left);
        await Refusal.IsAsync(RelayProblem.Conflict, () => ann.AskVouchersAsync(id, [Bytes.Random(32)]));
        await Refusal.IsAsync(RelayProblem.QuotaReached, () => ann.AddVouchersAsync(7));
        Assert.Equal(0, (await ann.AddVouchersAsync(6)).Left);

        relay.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(15, (await ann.AddVouchersAsync(5)).Left);
        relay.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, (await ann.AddVouchersAsync(50)).Left);
    }

    private static Task ChangeContactsAsync(Person person, byte[][] tokens) =>
        person.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([.. tokens.Select(Bytes.Hash)], []), RelayJson.Default.ContactTokensRequest);

    private static Task InviteAsync(Person person, InviteRequest invite) => person.TellAsync(HttpMethod.Post, Routes.Invites, invite, RelayJson.Default.InviteRequest);

    private static async Task<(byte[][] Packages, byte[] LastResort)> UploadAsync(Person person, long today, int count, int days = 30)
    {
        var packages = Enumerable.Range(0, count).Select(_ => Bytes.Random(300)).ToArray();
        var last = Bytes.Random(300);
        var request = new KeyPackagesRequest([.. packages.Select(package => new KeyPackageItem(package, (uint)(today + days)))], new(last, (uint)(today + days)));
        await person.AskAsync(HttpMethod.Put, Routes.KeyPackages, request, RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
        return (packages, last);
    }

    private static async Task<ClaimedTarget> ClaimAsync(Person person, byte[] token, byte[]? id = null)
    {
        var request = new ClaimRequest([new(person.Keys.Id.ToArray(), token, id ?? Bytes.Random(16))]);
        return Assert.Single((await person.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer)).Targets);
    }

    private static byte[] Reachability(Person person, ulong number, SigningKey? device = null, SigningKey? signer = null)
    {
        var body = new ReachabilityRecord
        {
            Account = person.Keys.Id,
            DeviceKey = (device ?? person.Device).Public,
            Number = number,
            RelayUrl = "https://relay.example"u8.ToArray(),
            RelayFingerprint = default,
            IntroChannel = default,
            IntroKey = new byte[1216],
            Expires = 0,
        }.EncodeBody();
        return new SignedRecord(body, (signer ?? device ?? person.Device).Sign(SignContent.Encode(SignContent.Reachability, body))).Encode();
    }
}
