using System.Net;
using System.Net.WebSockets;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>Streams are counted by the address that the named proxy forwards, and by nobody else's word.</summary>
public sealed class ForwardedAddressTests : IDisposable
{
    private const int Most = 2;

    private readonly List<ClientWebSocket> _open = [];

    public void Dispose() => _open.ForEach(socket => socket.Dispose());

    [Fact]
    public async Task Behind_the_named_proxy_each_forwarded_address_has_its_own_share()
    {
        await using var relay = await StartAsync(IPAddress.Loopback);
        await FillAsync(relay, "203.0.113.7");

        Assert.Equal(HttpStatusCode.TooManyRequests, await ConnectAsync(relay, "203.0.113.7"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ConnectAsync(relay, "198.51.100.1, 203.0.113.7"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(relay, "203.0.113.8"));
    }

    [Fact]
    public async Task An_IPv6_network_of_one_customer_is_one_address()
    {
        await using var relay = await StartAsync(IPAddress.Loopback);
        await FillAsync(relay, "2001:db8:0:1::1");

        Assert.Equal(HttpStatusCode.TooManyRequests, await ConnectAsync(relay, "2001:db8:0:1:ffff::2"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(relay, "2001:db8:0:2::1"));
    }

    [Fact]
    public async Task The_proxy_itself_does_not_count()
    {
        await using var relay = await StartAsync(IPAddress.Loopback);
        await FillAsync(relay, null);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(relay, null));
    }

    [Fact]
    public async Task Nobody_but_the_named_proxy_is_believed()
    {
        await using var relay = await StartAsync(IPAddress.Parse("192.0.2.1"));
        await FillAsync(relay, "203.0.113.7");
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(relay, "203.0.113.7"));
    }

    private static Task<TestRelay> StartAsync(IPAddress proxy) => TestRelay.StartAsync(settings => settings with
    {
        Public = new Uri("https://relay.example"),
        Proxy = proxy,
        Limits = settings.Limits with { SocketsPerAddress = Most },
    });

    private async Task FillAsync(TestRelay relay, string? address)
    {
        for (var i = 0; i < Most; i++)
            Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(relay, address));
    }

    private async Task<HttpStatusCode> ConnectAsync(TestRelay relay, string? forwarded)
    {
        var socket = new ClientWebSocket();
        _open.Add(socket);
        socket.Options.CollectHttpResponseDetails = true;
        if (forwarded is not null)
            socket.Options.SetRequestHeader("X-Forwarded-For", forwarded);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{relay.Server.Address.Authority}{Routes.Stream}"), CancellationToken.None).WaitAsync(StreamClient.Patience);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return socket.HttpStatusCode;
    }
}
