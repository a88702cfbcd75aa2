using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>Recovery records, the recovery transaction, deletion.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task The_recovery_key_reads_records_and_takes_the_account_back_in_one_step()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (thief, token, invite) = (ann.Device, Bytes.Random(32), Bytes.Random(32));
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([Bytes.Hash(token)], []), RelayJson.Default.ContactTokensRequest);
        await ann.TellAsync(HttpMethod.Post, Routes.Invites, new InviteRequest(Bytes.Hash(invite), [1], 1, relay.ThisHour + 24), RelayJson.Default.InviteRequest);
        var record = Record(ann, 1, 300);
        await PutAsync(ann, record);

        var recovery = await ann.GetAsync(ann.Target(Routes.Recovery), RelayJson.Default.RecoveryAnswer, key: ann.Keys.Recovery);
        Assert.Equal(record, Assert.Single(recovery.Records));
        Assert.Equal(ann.List.Encode(), Assert.Single(recovery.Lists));
        ann.Keys.Account = new();
        ann.Device = new();
        ann.List = ann.Keys.RecoveryList(ann.List, 100, ann.Device);
        await RecoverAsync(ann, ann.List, ann.Keys.Recovery);
        await RecoverAsync(ann, ann.List, ann.Keys.Recovery);

        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer, key: thief));
        await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, invite));
        Assert.Equal(2, (await ann.GetAsync(ann.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, token)).Lists.Length);
        var claim = new ClaimRequest([new(ann.Keys.Id.ToArray(), token, Bytes.Random(16))]);
        Assert.Equal("urn:sotto:problem:refused", Assert.Single((await ann.PostAsync(Routes.ClaimKeyPackages, claim, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer)).Targets).Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recovery_whose_list_came_another_way_ends_what_the_devices_before_could_do_all_the_same(bool byRegistration)
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var (thief, token, invite, registration) = (ann.Device, Bytes.Random(32), Bytes.Random(32), Bytes.Random(32));
        var genesisList = ann.List;
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([Bytes.Hash(token)], []), RelayJson.Default.ContactTokensRequest);
        await ann.TellAsync(HttpMethod.Post, Routes.Invites, new InviteRequest(Bytes.Hash(invite), [1], 1, relay.ThisHour + 24, Bytes.Hash(registration)), RelayJson.Default.InviteRequest);
        ann.Keys.Account = new();
        ann.Device = new();
        ann.List = ann.Keys.RecoveryList(genesisList, 100, ann.Device);
        if (byRegistration)
            await ann.AskAsync(HttpMethod.Post, Routes.Accounts, new(ann.Keys.Genesis, [genesisList.Encode(), ann.List.Encode()]), RelayJson.Default.RegisterRequest, RelayJson.Default.RegisterAnswer);
        else
            await ann.TellAsync(HttpMethod.Post, Routes.Lists, new ListRequest(ann.List.Encode()), RelayJson.Default.ListRequest, thief);
        await RecoverAsync(ann, ann.List, ann.Keys.Recovery);

        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer, key: thief));
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => ann.GetAsync(ann.Target(Routes.Card), RelayJson.Default.CardAnswer, invite));
        var claim = new ClaimRequest([new(ann.Keys.Id.ToArray(), token, Bytes.Random(16))]);
        Assert.Equal("urn:sotto:problem:refused", Assert.Single((await ann.PostAsync(Routes.ClaimKeyPackages, claim, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer)).Targets).Problem);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.InviteRevoked, () => eve.RegisterAsync(registration));
    }

    [Fact]
    public async Task Nobody_but_the_recovery_key_recovers()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var list = ann.Keys.RecoveryList(ann.List, 100, new SigningKey());

        await Refusal.IsAsync(RelayProblem.Refused, () => RecoverAsync(ann, list, ann.Device));
        await Refusal.IsAsync(RelayProblem.Refused, () => RecoverAsync(ann, list, new SigningKey()));
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(ann.Target(Routes.Recovery), RelayJson.Default.RecoveryAnswer));
        await Refusal.IsAsync(RelayProblem.Malformed, () => RecoverAsync(ann, ann.Keys.List(ann.List, new SigningKey()), ann.Keys.Recovery));
        await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
    }

    [Fact]
    public async Task The_newest_record_of_seven_days_and_of_eight_weeks_before_stays()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var kept = new List<byte[]>();
        for (var day = 0; day < 80; day++)
        {
            await PutAsync(ann, Record(ann, (ulong)(2 * day + 1), 200));
            var newest = Record(ann, (ulong)(2 * day + 2), 200);
            await PutAsync(ann, newest);
            kept.Insert(0, newest);
            relay.Time.Advance(TimeSpan.FromDays(1));
        }

        var records = (await ann.GetAsync(ann.Target(Routes.Recovery), RelayJson.Default.RecoveryAnswer, key: ann.Keys.Recovery)).Records;
        Assert.Equal(kept.Take(7), records.Take(7));
        Assert.Equal(8, records.Skip(7).Count());
        Assert.All(records, record => Assert.Contains(record, kept));
    }

    [Fact]
    public async Task A_record_only_rises_and_is_signed_by_the_account_key()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var record = Record(ann, 5, 200);
        await PutAsync(ann, record);
        await PutAsync(ann, record);

        await Refusal.IsAsync(RelayProblem.Conflict, () => PutAsync(ann, Record(ann, 4, 200)));
        await Refusal.IsAsync(RelayProblem.Refused, () => PutAsync(ann, Record(ann, 6, 200, ann.Device)));
    }

    [Fact]
    public async Task A_device_deletes_after_seven_days_and_a_recovery_takes_that_back()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using var bob = await relay.RegisterAsync(vouchers: 0);
        await DeleteAsync(ann, ann.Device);
        await DeleteAsync(bob, bob.Device);
        bob.Device = new();
        await RecoverAsync(bob, bob.Keys.RecoveryList(bob.List, 100, bob.Device), bob.Keys.Recovery);

        relay.Time.Advance(TimeSpan.FromDays(6));
        await relay.Server.Accounts.MaintainAsync();
        await ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
        relay.Time.Advance(TimeSpan.FromDays(1));
        await relay.Server.Accounts.MaintainAsync();
        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer));
        await bob.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer);
    }

    [Fact]
    public async Task The_recovery_key_deletes_at_once()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        await DeleteAsync(ann, ann.Keys.Recovery);

        await Refusal.IsAsync(RelayProblem.Refused, () => ann.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer));
        Assert.Null(await relay.Server.Accounts.ReadRecoveryAsync(ann.Keys.Id, CancellationToken.None));
    }

    private static async Task DeleteAsync(Person person, SigningKey key)
    {
        using var response = await person.SendAsync(HttpMethod.Delete, Routes.Account, [], key);
        Assert.True(response.IsSuccessStatusCode);
    }

    private static Task RecoverAsync(Person person, SignedRecord list, SigningKey key) =>
        person.TellAsync(HttpMethod.Post, person.Target(Routes.Recovery), new ListRequest(list.Encode()), RelayJson.Default.ListRequest, key);

    private static Task PutAsync(Person person, byte[] record) =>
        person.TellAsync(HttpMethod.Put, Routes.RecoveryRecord, new RecordRequest(record), RelayJson.Default.RecordRequest);

    private static byte[] Record(Person person, ulong number, int size, SigningKey? signer = null)
    {
        var body = new RecoveryRecord { Account = person.Keys.Id, Number = number, Day = 0, Sealed = Bytes.Random(size) }.EncodeBody();
        return new SignedRecord(body, (signer ?? person.Keys.Account).Sign(SignContent.Encode(SignContent.RecoveryRecord, body))).Encode();
    }
}
