using Microsoft.Extensions.Time.Testing;
using Sotto.Crypto.Native;
using Sotto.Direct.Exchange;

namespace Sotto.Direct.Tests.Exchange;

public sealed class ExchangeTests
{
    private readonly NativeCryptoProvider _crypto = new();

    [Theory]
    [InlineData(ExchangeMethod.XWing)]
    [InlineData(ExchangeMethod.Rsa)]
    public async Task Both_sides_come_to_the_same_secret_and_a_changed_ciphertext_does_not(ExchangeMethod method)
    {
        using IKeyExchange exchange = method == ExchangeMethod.Rsa ? new RsaExchange(_crypto, TimeProvider.System) : new XWingExchange(_crypto);
        using var offer = await exchange.OfferAsync(default);
        using var reply = ExchangeReply.To(_crypto, method, offer.PublicKey.Span);
        using (var accepted = offer.Accept(reply.Ciphertext.Span))
            Assert.True(accepted.FixedTimeEquals(reply.Shared.Bytes));

        var changed = reply.Ciphertext.ToArray();
        changed[3] ^= 1;
        try
        {
            using var other = offer.Accept(changed);
            Assert.False(other.FixedTimeEquals(reply.Shared.Bytes));
        }
        catch (DirectException refusal)
        {
            Assert.Equal(DirectFailure.Malformed, refusal.Failure);
        }

        Assert.Throws<DirectException>(() => offer.Accept(changed.AsSpan(0, changed.Length - 1)));
        Assert.Throws<DirectException>(() => ExchangeReply.To(_crypto, method, offer.PublicKey.Span[..^1]));
        Assert.Throws<DirectException>(() => ExchangeReply.To(_crypto, (ExchangeMethod)9, offer.PublicKey.Span));
    }

    [Fact]
    public async Task Every_x_wing_offer_has_a_key_of_its_own_and_rsa_has_one_an_hour()
    {
        var time = new FakeTimeProvider();
        using var xwing = new XWingExchange(_crypto);
        Assert.NotEqual(await KeyOfAsync(xwing), await KeyOfAsync(xwing));

        using var rsa = new RsaExchange(_crypto, time);
        var first = await KeyOfAsync(rsa);
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(first, await KeyOfAsync(rsa));
        time.Advance(TimeSpan.FromMinutes(2));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await KeyOfAsync(rsa) == first)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task An_open_offer_outlives_the_renewal_of_its_key()
    {
        var time = new FakeTimeProvider();
        using var rsa = new RsaExchange(_crypto, time);
        using var offer = await rsa.OfferAsync(default);
        using var reply = ExchangeReply.To(_crypto, ExchangeMethod.Rsa, offer.PublicKey.Span);
        time.Advance(TimeSpan.FromHours(1.5));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await KeyOfAsync(rsa) == Convert.ToHexString(offer.PublicKey.Span))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        using var accepted = offer.Accept(reply.Ciphertext.Span);
        Assert.True(accepted.FixedTimeEquals(reply.Shared.Bytes));
    }

    private static async Task<string> KeyOfAsync(IKeyExchange exchange)
    {
        using var offer = await exchange.OfferAsync(default);
        return Convert.ToHexString(offer.PublicKey.Span);
    }
}
