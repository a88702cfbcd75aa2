using System.Net.Http.Json;
using System.Text.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>Who may make an account, and what a signed request proves.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Without_a_token_nobody_registers_unless_the_operator_says_so()
    {
        await using var closed = await TestRelay.StartAsync();
        using var stranger = new Person(closed.Server.Address, closed.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.TokenRefused, () => stranger.RegisterAsync());
        await Refusal.IsAsync(RelayProblem.TokenRefused, () => stranger.RegisterAsync(Bytes.Random(32)));

        await using var open = await TestRelay.StartAsync(open: true);
        using var guest = new Person(open.Server.Address, open.Server.Identity.Key);
        await guest.RegisterAsync();
        await guest.AddVouchersAsync(1);
    }

    [Fact]
    public async Task A_token_makes_one_account_and_for_the_same_account_it_is_a_success_again()
    {
        await using var relay = await TestRelay.StartAsync();
        var token = (await relay.LinkAsync()).Token.ToArray();
        using var ann = new Person(relay.Server.Address, relay.Server.Identity.Key);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        var first = await ann.RegisterAsync(token);
        var again = await ann.RegisterAsync(token);

        Assert.Equal(first.Receipt, again.Receipt);
        Assert.Equal(first.Incarnation, again.Incarnation);
        await Refusal.IsAsync(RelayProblem.InviteUsed, () => eve.RegisterAsync(token));
    }

    [Fact]
    public async Task A_token_expires_after_a_week()
    {
        await using var relay = await TestRelay.StartAsync();
        var token = (await relay.LinkAsync()).Token.ToArray();
        relay.Time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(1));
        using var late = new Person(relay.Server.Address, relay.Server.Identity.Key);

        await Refusal.IsAsync(RelayProblem.InviteExpired, () => late.RegisterAsync(token));
    }

    [Fact]
    public async Task A_receipt_of_this_relay_registers_the_same_account_again_without_token()
    {
        await using var relay = await TestRelay.StartAsync();
        using var backup = TestBackup.Of(relay);
        using var before = await relay.RegisterAsync(vouchers: 0);
        var receipt = (await before.RegisterAsync()).Receipt;
        await relay.RestoreAsync(backup);
        using var ann = before.At(relay.Server.Address, relay.Server.Identity.Key);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);

        await Refusal.IsAsync(RelayProblem.TokenRefused, () => eve.RegisterAsync(receipt: receipt));
        await Refusal.IsAsync(RelayProblem.TokenRefused, () => ann.RegisterAsync(receipt: Bytes.Random(64)));
        await ann.RegisterAsync(receipt: receipt);
    }

    [Fact]
    public async Task A_receipt_of_an_account_that_was_deleted_brings_neither_it_nor_its_vouchers_back()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var receipt = (await ann.RegisterAsync()).Receipt;
        using var deleted = await ann.SendAsync(HttpMethod.Delete, Routes.Account, [], ann.Keys.Recovery);
        Assert.True(deleted.IsSuccessStatusCode);

        await Refusal.IsAsync(RelayProblem.TokenRefused, () => ann.RegisterAsync(receipt: receipt));
        await ann.RegisterAsync((await relay.LinkAsync()).Token.ToArray());
    }

    [Fact]
    public async Task Lists_are_looked_at_when_the_request_is_signed_and_may_register()
    {
        await using var relay = await TestRelay.StartAsync();
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        var body = eve.Keys.List(null, eve.Device).Body.ToArray();
        eve.List = AccountKeys.Sign(body, new SigningKey());

        await Refusal.IsAsync(RelayProblem.TokenRefused, () => eve.RegisterAsync(Bytes.Random(32)));
        await Refusal.IsAsync(RelayProblem.BadNonce, () => UnsignedAsync(eve));
        await Refusal.IsAsync(RelayProblem.Refused, () => RegisterWithLinkAsync(relay, eve));
    }

    [Fact]
    public async Task The_receipt_is_signed_by_the_relay_over_the_account()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var receipt = (await ann.RegisterAsync()).Receipt;

        Assert.True(TestRelay.Crypto.Ed25519Verify(relay.Server.Identity.Key.ToArray(), new RegistrationReceiptContent(ann.Keys.Id).ToSign(), receipt));
    }

    [Fact]
    public async Task A_list_that_the_account_key_did_not_sign_makes_no_account()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        var body = eve.Keys.List(null, eve.Device).Body.ToArray();
        eve.List = AccountKeys.Sign(body, new SigningKey());

        await Refusal.IsAsync(RelayProblem.Refused, () => eve.RegisterAsync());
    }

    [Fact]
    public async Task A_list_that_is_sent_twice_is_malformed_and_the_relay_stays_well()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        var list = eve.Keys.List(null, eve.Device).Encode();

        await Refusal.IsAsync(RelayProblem.Malformed, () => eve.AskAsync(
            HttpMethod.Post, Routes.Accounts, new(eve.Keys.Genesis, [list, list]), RelayJson.Default.RegisterRequest, RelayJson.Default.RegisterAnswer));
        Assert.Null(relay.Server.Accounts.Health.Trouble);
    }

    [Fact]
    public async Task A_device_that_is_not_listed_registers_nothing()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        using var eve = new Person(relay.Server.Address, relay.Server.Identity.Key);
        eve.List = eve.Keys.List(null, new SigningKey());

        await Refusal.IsAsync(RelayProblem.Refused, () => eve.RegisterAsync());
    }

    [Fact]
    public async Task A_nonce_is_used_once_and_within_five_minutes()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        var nonce = await ann.NonceAsync();
        await AssertAsync(ann, null, nonce: nonce);
        await AssertAsync(ann, RelayProblem.BadNonce, nonce: nonce);
        await AssertAsync(ann, RelayProblem.BadNonce, nonce: Bytes.Random(32));

        var old = await ann.NonceAsync();
        relay.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        await AssertAsync(ann, RelayProblem.BadNonce, nonce: old);
    }

    [Fact]
    public async Task A_signature_holds_for_one_relay_one_target_one_body_and_a_listed_device()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);

        await AssertAsync(ann, RelayProblem.Refused, forRelay: new Bytes32(Bytes.Random(32)));
        await AssertAsync(ann, RelayProblem.Refused, targetToSign: Routes.Invites);
        await AssertAsync(ann, RelayProblem.Refused, bodyToSign: [1]);
        await AssertAsync(ann, RelayProblem.Refused, key: new SigningKey());
        await AssertAsync(ann, null);
    }

    [Fact]
    public async Task Every_refusal_brings_a_fresh_nonce()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        using var refused = await ann.SendAsync(HttpMethod.Get, Routes.KeyPackages, [], nonce: Bytes.Random(32));
        var fresh = System.Buffers.Text.Base64Url.DecodeFromChars(refused.Headers.GetValues(SottoHeaders.Nonce).Single());

        await AssertAsync(ann, null, nonce: fresh);
    }

    [Fact]
    public async Task Accounts_are_there_after_a_restart()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync(vouchers: 0);
        await relay.RestartAsync();
        using var back = new Person(relay.Server.Address, relay.Server.Identity.Key);

        Assert.True(await relay.Server.Accounts.HasDeviceAsync(ann.Keys.Id, ann.Device.Public, CancellationToken.None));
        Assert.False(await relay.Server.Accounts.HasDeviceAsync(back.Keys.Id, back.Device.Public, CancellationToken.None));
    }

    private static async Task RegisterWithLinkAsync(TestRelay relay, Person person) => await person.RegisterAsync((await relay.LinkAsync()).Token.ToArray());

    private static async Task UnsignedAsync(Person person)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new RegisterRequest(person.Keys.Genesis, [person.List.Encode()]), RelayJson.Default.RegisterRequest);
        using var response = await person.SendAsync(HttpMethod.Post, Routes.Accounts, body, nonce: Bytes.Random(32));
        var problem = await System.Net.Http.Json.HttpContentJsonExtensions.ReadFromJsonAsync(response.Content, RelayJson.Default.ProblemBody);
        throw new ProblemException(problem!.Type);
    }

    private static async Task AssertAsync(Person person, RelayProblem? problem, byte[]? nonce = null, Bytes32? forRelay = null, byte[]? bodyToSign = null, string? targetToSign = null, SigningKey? key = null)
    {
        using var response = await person.SendAsync(HttpMethod.Get, Routes.KeyPackages, [], key, nonce, forRelay, bodyToSign, targetToSign);
        if (problem is null)
        {
            Assert.True(response.IsSuccessStatusCode);
            return;
        }

        var body = await response.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody);
        Assert.Equal(ProblemTypes.Of(problem.Value).Type, body!.Type);
        Assert.Equal(JsonValueKind.Object, JsonSerializer.SerializeToElement(body, RelayJson.Default.ProblemBody).ValueKind);
    }
}
