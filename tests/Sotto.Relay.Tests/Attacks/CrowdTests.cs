using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>AT-30: many connections that do little or nothing. The relay takes a fixed number, and who is in goes on.</summary>
public sealed class CrowdTests
{
    private const int Crowd = 200;

    [Theory]
    [InlineData("")]
    [InlineData("GET /v1/stream HTT")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{")]
    [InlineData("POST /v1/key-packages/claim HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"tar")]
    public async Task Two_hundred_slow_sockets_keep_nobody_from_working(string begun)
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        var crowd = new List<TcpClient>();
        for (var i = 0; i < Crowd; i++)
        {
            crowd.Add(new());
            await crowd[^1].ConnectAsync(IPAddress.Loopback, relay.Server.Address.Port);
            await crowd[^1].GetStream().WriteAsync(Encoding.ASCII.GetBytes(begun));
        }

        await using (var stream = await relay.ConnectAsync())
        {
            var channel = await TestChannel.CreateAsync(stream, ann);
            var sequences = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await stream.AskAsync(channel.Message([1]))).Posted.Sequence));
            Assert.Equal(Enumerable.Range(1, 100).Select(sequence => (ulong)sequence), sequences.Order());
        }

        crowd.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Who_comes_when_the_relay_is_full_is_refused_and_those_who_are_in_go_on()
    {
        await using var relay = await TestRelay.StartAsync(limits: new() { FreeDisk = 0, Sockets = 3 });
        using var ann = await relay.RegisterAsync();
        await using var first = await relay.ConnectAsync();
        var others = new[] { await relay.ConnectAsync(), await relay.ConnectAsync() };
        var refusal = await Assert.ThrowsAsync<WebSocketException>(relay.ConnectAsync);
        Assert.Contains("429", refusal.Message, StringComparison.Ordinal);

        await TestChannel.CreateAsync(first, ann);
        foreach (var other in others)
            await other.DisposeAsync();
        await using var later = await ComeAgainAsync(relay).WaitAsync(StreamClient.Patience);
        await TestChannel.CreateAsync(later, ann);
    }

    /// <summary>The control: with one more place the same fourth is let in.</summary>
    [Fact]
    public async Task With_one_more_place_the_same_fourth_is_let_in()
    {
        await using var relay = await TestRelay.StartAsync(limits: new() { FreeDisk = 0, Sockets = 4 });
        var streams = new List<StreamClient>();
        for (var i = 0; i < 4; i++)
            streams.Add(await relay.ConnectAsync());
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    /// <summary>The relay counts a stream until its own end of it is done, which the client does not see.</summary>
    private static async Task<StreamClient> ComeAgainAsync(TestRelay relay)
    {
        while (true)
        {
            try
            {
                return await relay.ConnectAsync();
            }
            catch (WebSocketException)
            {
                await Task.Yield();
            }
        }
    }
}
