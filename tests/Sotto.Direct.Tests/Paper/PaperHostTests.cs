using System.Net;
using System.Net.Sockets;
using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

public sealed class PaperHostTests : IAsyncLifetime
{
    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly PaperHost _host;

    public PaperHostTests() => _host = PaperHost.Listen(new IPEndPoint(IPAddress.Loopback, 0), NewKey());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task Host_and_client_talk_both_ways_and_end_politely()
    {
        await using var client = await JoinAsync();
        await using var server = await _host.AcceptAsync(default);
        await client.SendAsync("from the client"u8.ToArray(), default);
        await server.SendAsync("from the host"u8.ToArray(), default);

        var endings = new[]
        {
            client.CompleteAsync(TimeSpan.FromMinutes(1), default),
            server.CompleteAsync(TimeSpan.FromMinutes(1), default),
        };
        Assert.Equal(["from the host", "closed"], await ReadAllAsync(client));
        Assert.Equal(["from the client", "closed"], await ReadAllAsync(server));
        Assert.All(await Task.WhenAll(endings), ending => Assert.Equal(PaperEnding.Complete, ending));
    }

    [Fact]
    public async Task A_second_client_is_closed_at_once_and_the_first_talks_on()
    {
        var turnedAway = new TaskCompletionSource();
        _host.ClientTurnedAway += (_, _) => turnedAway.TrySetResult();
        await using var first = await JoinAsync();
        await using var server = await _host.AcceptAsync(default);

        using var second = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await second.ConnectAsync(_host.LocalEndpoint);
        Assert.Equal(0, await second.ReceiveAsync(new byte[1]));
        await turnedAway.Task;

        await first.SendAsync("still here"u8.ToArray(), default);
        var finished = first.CompleteAsync(TimeSpan.FromMinutes(1), default);
        Assert.Equal(["still here", "closed"], await ReadAllAsync(server));
        await server.DisposeAsync();
        await ReadAllAsync(first);
        Assert.Equal(PaperEnding.Complete, await finished);
    }

    [Fact]
    public async Task When_a_conversation_is_over_the_next_client_can_come()
    {
        for (var n = 0; n < 3; n++)
        {
            await using var client = await JoinAsync();
            await using var server = await _host.AcceptAsync(default);
            await client.SendAsync(Encoding.UTF8.GetBytes($"hello {n}"), default);
            var finished = client.CompleteAsync(TimeSpan.FromMinutes(1), default);
            Assert.Equal([$"hello {n}", "closed"], await ReadAllAsync(server));
            await server.DisposeAsync();
            await ReadAllAsync(client);
            await finished;
        }
    }

    [Fact]
    public async Task A_disposed_host_takes_nobody_and_closes_who_was_waiting()
    {
        await using var client = await JoinAsync();
        await _host.DisposeAsync();
        var events = await ReadAllAsync(client);
        Assert.StartsWith("closed", events[^1], StringComparison.Ordinal);
        await Assert.ThrowsAsync<SocketException>(JoinAsync);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_socket_error()
    {
        var error = Assert.Throws<SocketException>(() => PaperHost.Listen(_host.LocalEndpoint, NewKey()));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
        await Task.CompletedTask;
    }

    private PaperKey NewKey() => new(TestCrypto.Provider, _key, TimeProvider.System);

    private Task<PaperConversation> JoinAsync() =>
        PaperConversation.ConnectAsync("127.0.0.1", _host.LocalEndpoint.Port, NewKey(), default);

    private static async Task<List<string>> ReadAllAsync(PaperConversation conversation)
    {
        var all = new List<string>();
        await foreach (var happened in conversation.ReadEventsAsync(TestContext.Current.CancellationToken))
        {
            all.Add(happened switch
            {
                PaperLine line => Encoding.UTF8.GetString(line.Line.Span),
                PaperRefused refused => refused.Reason.ToString(),
                PaperClosed { Politely: true } => "closed",
                _ => "closed by force",
            });
        }

        return all;
    }
}
