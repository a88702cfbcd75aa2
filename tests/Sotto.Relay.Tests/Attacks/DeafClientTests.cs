using Sotto.Relay.Metering;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Streams;
using Sotto.Relay.Tests.Running;
using Sotto.Relay.Tests.Storage;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>AT-30: who asks and never listens costs the relay a fixed amount of memory.</summary>
public sealed class DeafClientTests
{
    private const int Requests = 10_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_relay_reads_no_further_while_answers_are_not_taken_and_goes_on_when_they_are(bool acknowledges)
    {
        await using var test = new StoreUnderTest(test => new SqliteMailboxStore(test.Folder, TestRelay.Crypto, test.Time, test.Limits, test));
        using var socket = new DeafSocket(new Batch { Frames = { acknowledges ? Acknowledge : Unsubscribe } }, Requests);
        using var metrics = new RelayMetrics();
        // Neither request comes as far as the store.
        using var connection = new StreamConnection(socket, test.Store, null!, new ChannelHub(), metrics, new(0), test.Time);
        var served = connection.ServeAsync();

        Assert.InRange(socket.Taken, 1, Limits.RequestsInFlight + 1);
        socket.Listen();
        await served.WaitAsync(StreamClient.Patience);
        Assert.Equal((Requests, Requests), (socket.Taken, socket.Answers));
    }

    private static Frame Acknowledge => new() { Request = 1, Acknowledge = new() { Subscription = 1, Sequence = 1 } };

    private static Frame Unsubscribe => new() { Request = 1, Unsubscribe = new() { Subscription = 1 } };
}
