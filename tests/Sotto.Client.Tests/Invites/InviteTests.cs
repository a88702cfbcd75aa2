using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Tests.Running;
using Sotto.Wire;

namespace Sotto.Client.Tests.Invites;

public sealed class InviteTests
{
    private static readonly InviteLink Link = new(["http://127.0.0.1:7788"], new(Bytes(1)), new(Bytes(2).ToArray().AsSpan(0, 16)), new(Bytes(3).ToArray().AsSpan(0, 16)), 494_000);

    [Fact]
    public void A_link_is_read_as_it_was_written()
    {
        var read = InviteLink.Parse(Link.ToLink());

        Assert.Equal((Link.Account, Link.Relay, Link.Secret, Link.ExpiresHour), (read.Account, read.Relay, read.Secret, read.ExpiresHour));
        Assert.Equal(Link.Addresses, read.Addresses);
        Assert.StartsWith("sotto:i/127.0.0.1:7788#", Link.ToLink(), StringComparison.Ordinal);
        Assert.Equal(69, System.Buffers.Text.Base64Url.DecodeFromChars(Link.ToLink().Split('#')[1]).Length);
        Assert.DoesNotContain(Link.ToLink().Split('#')[1], Link.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_outside_of_this_machine_are_reached_by_TLS_alone()
    {
        var fragment = Link.ToLink().Split('#')[1];

        Assert.Equal(["https://192.0.2.7:7788", "http://localhost:1"], InviteLink.Parse($"sotto:i/192.0.2.7:7788,localhost:1#{fragment}").Addresses);
        Assert.Equal(["https://chat.example.org"], InviteLink.Parse($"https://chat.example.org/i#{fragment}").Addresses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sotto:i/127.0.0.1:7788")]
    [InlineData("sotto:i/127.0.0.1:7788#")]
    [InlineData("sotto:i/127.0.0.1:7788#AAAA")]
    [InlineData("sotto:d/127.0.0.1:7788#{0}")]
    [InlineData("sotto:i/#{0}")]
    [InlineData("sotto:i/host/path#{0}")]
    [InlineData("sotto:i/user@host#{0}")]
    [InlineData("http://chat.example.org/i#{0}")]
    [InlineData("sotto:i/127.0.0.1:7788#{0}AAAA")]
    public void What_is_no_link_is_refused(string text)
    {
        var filled = text.Replace("{0}", Link.ToLink().Split('#')[1], StringComparison.Ordinal);

        Assert.Equal(ClientFailure.MalformedInvite, Assert.Throws<ClientException>(() => InviteLink.Parse(filled)).Failure);
    }

    [Fact]
    public void The_values_of_an_invite_differ_and_depend_on_account_relay_and_secret()
    {
        var keys = InviteKeys.Derive(TestPerson.Crypto, Link);
        var others = new[]
        {
            InviteKeys.Derive(TestPerson.Crypto, new(Bytes(9)), Link.Relay, Link.Secret),
            InviteKeys.Derive(TestPerson.Crypto, Link.Account, Link.Secret, Link.Secret),
            InviteKeys.Derive(TestPerson.Crypto, Link.Account, Link.Relay, Link.Relay),
        };

        var all = new[] { keys }.Concat(others).SelectMany(of => new[] { of.Id, of.Registration, of.Contact, of.Lane, of.Card, of.Psk }).ToList();

        Assert.Equal(24, all.Distinct().Count());
        Assert.Equal(keys, InviteKeys.Derive(TestPerson.Crypto, Link));
        Assert.Equal("invite keys", keys.ToString());
    }

    [Fact]
    public void A_card_opens_for_its_link_alone_and_is_believed_only_from_a_listed_device()
    {
        var (alice, mallory) = (TestDevice.Create("Alice"), TestDevice.Create("Mallory"));
        var link = new InviteLink(Link.Addresses, alice.Account, Link.Relay, Link.Secret, Link.ExpiresHour);
        var keys = InviteKeys.Derive(TestPerson.Crypto, link);
        var account = VerifiedAccount.Verify(TestPerson.Crypto, alice.Account, new(alice.Owner.Record.Genesis, alice.Owner.Record.Lists, [], []));
        InviteCard Card(TestDevice device) => new(alice.Account, keys.Id, link.Relay, link.ExpiresHour, 1, new(device.Key.PublicKey), alice.Owner.List, "Alice");

        var (card, signed) = InviteCard.Open(TestPerson.Crypto, link, keys, Card(alice).Seal(TestPerson.Crypto, alice.Key, keys.Card));
        card.RequireSigned(TestPerson.Crypto, signed, account);
        Assert.Equal("Alice", card.Name);

        var (forged, forgery) = InviteCard.Open(TestPerson.Crypto, link, keys, Card(mallory).Seal(TestPerson.Crypto, mallory.Key, keys.Card));
        Assert.Throws<ClientException>(() => forged.RequireSigned(TestPerson.Crypto, forgery, account));
        var (stolen, theft) = InviteCard.Open(TestPerson.Crypto, link, keys, Card(alice).Seal(TestPerson.Crypto, mallory.Key, keys.Card));
        Assert.Throws<ClientException>(() => stolen.RequireSigned(TestPerson.Crypto, theft, account));
        Assert.Throws<ClientException>(() => InviteCard.Open(TestPerson.Crypto, link, keys, Card(alice).Seal(TestPerson.Crypto, alice.Key, keys.Psk)));
        Assert.Throws<ClientException>(() => InviteCard.Open(TestPerson.Crypto, link, keys, (Card(alice) with { Uses = 1, ExpiresHour = 1 }).Seal(TestPerson.Crypto, alice.Key, keys.Card)));
    }

    [Fact]
    public void What_is_sealed_for_an_intro_channel_opens_there_alone_and_has_a_padded_size()
    {
        var key = Fresh.Bytes(TestPerson.Crypto, 32);
        var address = new IntroAddress(Link.Account, Bytes(5), Link.Relay, Link.Secret);
        var lane = Bytes(6);
        var hash = Bytes32.HashOf(lane.ToArray());

        var payload = IntroSealing.Seal(TestPerson.Crypto, address, IntroSealing.PublicKeyOf(TestPerson.Crypto, key), lane, 1, "hello"u8);

        Assert.Equal(1120 + 8192 + 16, payload.Length);
        var opened = IntroSealing.Open(TestPerson.Crypto, address, key, hash, payload)!.Value;
        Assert.Equal((1, "hello"), (opened.Kind, System.Text.Encoding.UTF8.GetString(opened.Body)));
        Assert.Null(IntroSealing.Open(TestPerson.Crypto, address with { Channel = Link.Relay }, key, hash, payload));
        Assert.Null(IntroSealing.Open(TestPerson.Crypto, address, key, lane, payload));
        Assert.Null(IntroSealing.Open(TestPerson.Crypto, address, Fresh.Bytes(TestPerson.Crypto, 32), hash, payload));
        Assert.Null(IntroSealing.Open(TestPerson.Crypto, address, key, hash, payload.AsSpan(0, 100)));
    }

    [Fact]
    public void Payloads_have_few_sizes_and_cost_at_most_an_eighth_more_above_four_kilobytes()
    {
        Assert.Equal([512, 512, 1024, 2048, 4096], new[] { 1, 512, 513, 1025, 4096 }.Select(PayloadPadding.Padded));
        for (var length = 4097; length < 1_000_000; length += 997)
            Assert.InRange(PayloadPadding.Padded(length), length, length + length * 12 / 100);
    }

    [Fact]
    public void Every_message_of_a_group_has_a_padded_size()
    {
        var (alice, bob) = (TestDevice.Create("Alice"), TestDevice.Create("Bob"));
        var group = TestGroup.Of(alice, bob)[alice];
        foreach (var length in (int[])[0, 1, 60, 200, 300, 400, 900, 3_000, 15_000, 16_100, 16_200, 16_300, 16_384, 40_000])
        {
            using var message = group.PrepareMessage(new byte[length], new() { Padding = content => PayloadPadding.ZerosFor(group.GroupId, 0, content) });
            Assert.Equal(PayloadPadding.Padded(message.Outgoing.Length), message.Outgoing.Length);
        }
    }

    private static Bytes32 Bytes(byte value) => new(Enumerable.Repeat(value, 32).ToArray());
}
