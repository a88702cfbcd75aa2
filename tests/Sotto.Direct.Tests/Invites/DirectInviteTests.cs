using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;

namespace Sotto.Direct.Tests.Invites;

public sealed class DirectInviteTests
{
    private static readonly NativeCryptoProvider Crypto = new();

    [Fact]
    public void A_link_says_addresses_fingerprint_and_secret_and_reads_back_the_same()
    {
        using var ann = Identity.Generate(Crypto, "Ann");
        using var invite = DirectInvite.Create(Crypto, ann.Public, [new("192.0.2.7", 7787), new("2001:db8::7", 80), new("host.example", 1)]);
        using var parsed = DirectInvite.Parse($"  {invite.ToLink()}\n");
        Assert.StartsWith("sotto:d/192.0.2.7:7787,[2001:db8::7]:80,host.example:1#", invite.ToLink(), StringComparison.Ordinal);
        Assert.Equal(invite.Addresses, parsed.Addresses);
        Assert.Equal(ann.Public.Fingerprint, parsed.Host);
        Assert.True(invite.Secret.FixedTimeEquals(parsed.Secret.Bytes));
    }

    [Fact]
    public void The_secret_is_not_in_the_text_form_and_the_tag_does_not_give_it_away()
    {
        using var ann = Identity.Generate(Crypto, "Ann");
        using var invite = DirectInvite.Create(Crypto, ann.Public, [new("192.0.2.7", 7787)]);
        var fragment = invite.ToLink().Split('#')[1];
        Assert.DoesNotContain(fragment[24..], invite.ToString(), StringComparison.Ordinal);
        Assert.Equal(-1, invite.Secret.Bytes.IndexOf(invite.Tag(Crypto)));
    }

    [Fact]
    public void Every_shortened_or_changed_link_is_malformed_or_another_link()
    {
        using var ann = Identity.Generate(Crypto, "Ann");
        using var invite = DirectInvite.Create(Crypto, ann.Public, [new("192.0.2.7", 7787)]);
        var link = invite.ToLink();
        for (var i = 0; i < link.Length; i++)
            Assert.Equal(DirectFailure.Malformed, Assert.Throws<DirectException>(() => DirectInvite.Parse(link[..i])).Failure);
        for (var i = 0; i < link.Length; i++)
        {
            foreach (var other in "!é #/=A0\0")
            {
                var changed = string.Concat(link.AsSpan(0, i), other.ToString(), link.AsSpan(i + 1));
                try
                {
                    using var parsed = DirectInvite.Parse(changed);
                    using var again = DirectInvite.Parse(parsed.ToLink());
                    Assert.Equal(parsed.ToLink(), again.ToLink());
                    Assert.Equal(changed.Trim().Split('#')[1], again.ToLink().Split('#')[1]);
                }
                catch (DirectException refusal)
                {
                    Assert.Equal(DirectFailure.Malformed, refusal.Failure);
                }
            }
        }
    }

    [Theory]
    [InlineData("sotto:d/#")]
    [InlineData("sotto:i/192.0.2.7:7787#AAAA")]
    [InlineData("sotto:d/a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9#AQGyPpDI_XcRvvQ0w2c-jRhNEmCkZYswPfjbcirjIDjf")]
    [InlineData("sotto:d/a:1#AgGyPpDI_XcRvvQ0w2c-jRhNEmCkZYswPfjbcirjIDjf")]
    [InlineData("sotto:d/a:1#AQGyPpDI_XcRvvQ0w2c-jRhNEmCkZYswPfjbcirjIDjf=")]
    public void Other_links_are_malformed(string link) =>
        Assert.Equal(DirectFailure.Malformed, Assert.Throws<DirectException>(() => DirectInvite.Parse(link)).Failure);

    [Theory]
    [InlineData("example.org", "example.org:7787")]
    [InlineData("example.org:1", "example.org:1")]
    [InlineData("[::1]:65535", "[::1]:65535")]
    [InlineData("::1", "[::1]:7787")]
    [InlineData("192.0.2.7:80", "192.0.2.7:80")]
    public void Addresses_are_read(string text, string expected)
    {
        Assert.True(HostAddress.TryParse(text, out var address));
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(":80")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:-1")]
    [InlineData("a: 1")]
    [InlineData("a b:1")]
    [InlineData("[::1")]
    [InlineData("[example.org]:1")]
    [InlineData("-a:1")]
    [InlineData("1:2:3:nonsense")]
    public void Everything_else_is_not_an_address(string? text) => Assert.False(HostAddress.TryParse(text, out _));
}
