using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;

namespace Sotto.Bench;

/// <summary>Whole handshakes over loopback, one after the other, and what a passphrase costs.</summary>
internal static class HandshakeRows
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Plan plan)
    {
        var crypto = new NativeCryptoProvider();
        using var xwing = new XWingExchange(crypto);
        using var rsa = new RsaExchange(crypto, TimeProvider.System);
        using (await rsa.OfferAsync(CancellationToken.None).ConfigureAwait(false))
        using (var host = Identity.Generate(crypto, "host"))
        using (var joiner = Identity.Generate(crypto, "joiner"))
        {
            Action Handshake(IKeyExchange exchange) => () => HandshakeAsync(crypto, host, joiner, exchange).GetAwaiter().GetResult();
            Timing.Warm(Handshake(xwing), 0.5);
            var medians = Timing.Interleave(
                plan.Rounds,
                () => Timing.SecondsEach(Handshake(xwing), plan.Sample),
                () => Timing.SecondsEach(Handshake(rsa), plan.Sample));
            return [Row("X-Wing", medians[0]), Row("RSA-3072, its key made beforehand", medians[1]), Argon2id(crypto, plan)];
        }
    }

    private static async Task HandshakeAsync(NativeCryptoProvider crypto, Identity host, Identity joiner, IKeyExchange exchange)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var connecting = new TcpClient { NoDelay = true };
        await connecting.ConnectAsync((IPEndPoint)listener.LocalEndpoint).ConfigureAwait(false);
        using var accepted = await listener.AcceptTcpClientAsync().ConfigureAwait(false);
        accepted.NoDelay = true;

        var hosting = new HandshakeRunner(crypto, TimeProvider.System, host).HostAsync(accepted.GetStream(), exchange, _ => null, CancellationToken.None);
        var joining = new HandshakeRunner(crypto, TimeProvider.System, joiner).JoinAsync(connecting.GetStream(), null, _ => true, CancellationToken.None);
        await (await joining.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await (await hosting.ConfigureAwait(false)).Link.DisposeAsync().ConfigureAwait(false);
    }

    private static Row Row(string method, double seconds) =>
        new($"handshakes over loopback, both sides, one after the other, {method}", string.Create(CultureInfo.InvariantCulture, $"{1 / seconds:#,0}/s ({seconds * 1e3:0.00} ms)"));

    private static Row Argon2id(NativeCryptoProvider crypto, Plan plan)
    {
        var output = new byte[32];
        var seconds = Timing.Interleave(plan.Quick ? 3 : 5, () => Timing.SecondsEach(() => crypto.Argon2id("a passphrase"u8, new byte[16], Argon2Cost.Desktop, output), 0));
        return new("Argon2id as a passphrase costs (3 passes, 256 MiB)", string.Create(CultureInfo.InvariantCulture, $"{seconds[0] * 1e3:#,0} ms"));
    }
}
