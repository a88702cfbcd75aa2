using System.Security.Cryptography;
using System.Text;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;
using Sotto.Fuzz;

namespace Sotto.Direct.Tests.Fuzzing;

/// <summary>What the fuzz targets found, one test each; the inputs are in the corpus under <c>finding-…</c>.</summary>
public sealed class FindingTests
{
    [Fact]
    public void A_token_from_before_1970_is_refused_without_a_time()
    {
        byte[] body = [0x80, .. Enumerable.Repeat((byte)0xFF, 8), .. new byte[32]];
        byte[] token = [.. Convert.ToBase64String([.. body, .. HMACSHA256.HashData(new byte[16], body)]).Replace('+', '-').Replace('/', '_').Select(c => (byte)c)];

        Assert.False(FernetToken.TryDecrypt(TestCrypto.Provider, new byte[32], token, new byte[16], out var written, out var time));
        Assert.Equal((0, 0), (written, time));
    }

    [Theory]
    [InlineData("fe80::1%\u001b[31m")]
    [InlineData("::1%]:80")]
    [InlineData("[::1%a/b]:80")]
    [InlineData("::1%\u202E")]
    public void The_zone_of_an_address_holds_no_other_characters_than_a_name(string address) =>
        Assert.False(HostAddress.TryParse(address, out _));

    [Fact]
    public void An_address_may_name_a_zone()
    {
        Assert.True(HostAddress.TryParse("[fe80::1%eth0]:80", out var address));
        Assert.Equal(new HostAddress("fe80::1%eth0", 80), address);
    }

    [Theory]
    [InlineData("\U0001F468\u200D\u180B")]
    [InlineData("\U0001F468\u200D\uFE0F")]
    [InlineData("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u200D\u093E")]
    public void A_joiner_before_something_that_is_marked_or_cut_is_marked_too(string text) =>
        FuzzTarget.Find("text")!.Run(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_greeting_with_every_method_there_can_be_is_written_as_it_was_read()
    {
        var hello = new JoinHello([.. Enumerable.Range(0, 255).Select(method => (ExchangeMethod)method)], new byte[8]).Encode();

        Assert.Equal(hello, JoinHello.Decode(hello).Encode());
    }
}
