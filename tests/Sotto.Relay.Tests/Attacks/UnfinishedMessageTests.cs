using System.Net.WebSockets;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>Clients that begin messages and do not end them.</summary>
public sealed class UnfinishedMessageTests
{
    private const int Begun = 20 * 1024;

    [Fact]
    public async Task A_message_that_takes_more_than_a_minute_to_send_ends_its_connection_and_no_other()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var idle = await relay.ConnectAsync();
        await using var slow = await relay.ConnectAsync();
        await slow.Socket.SendAsync(new byte[Begun], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await Until(() => relay.Server.Streams.IsReceiving);

        relay.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, relay.Server.Streams.EndStalled());
        relay.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, relay.Server.Streams.EndStalled());
        await slow.EndedAsync();
        Assert.Equal(WebSocketState.Open, idle.Socket.State);
    }

    [Fact]
    public async Task All_connections_together_hold_so_much_of_unfinished_messages_and_no_more()
    {
        await using var relay = await TestRelay.StartAsync(limits: new() { FreeDisk = 0, UnfinishedMessages = 40 * 1024 });
        await using var first = await relay.ConnectAsync();
        await using var second = await relay.ConnectAsync();
        await first.Socket.SendAsync(new byte[Begun], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await Until(() => relay.Server.Streams.UnfinishedBytes > 0);

        await second.Socket.SendAsync(new byte[Begun], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await second.EndedAsync();
        Assert.Equal(1013, (int?)second.Closed);
        first.Abort();
        await first.EndedAsync();
        await Until(() => relay.Server.Streams.UnfinishedBytes == 0);
        await using var third = await relay.ConnectAsync();
        await third.Socket.SendAsync(new byte[Begun], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await Until(() => relay.Server.Streams.UnfinishedBytes > 0);
        third.Abort();
    }

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(StreamClient.Patience);
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
