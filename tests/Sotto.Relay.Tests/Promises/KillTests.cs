using System.Collections.Concurrent;
using System.Net.WebSockets;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Promises;

/// <summary>The real executable, killed without warning while clients write, commit and read.</summary>
public sealed class KillTests
{
    private const int Channels = 8;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_acknowledged_by_a_reader_comes_again()
    {
        using var folder = new RelayFolder();
        var histories = new List<ChannelHistory>();
        await using (var first = await RelayProcess.StartAsync(folder, "--open-registration"))
        {
            using var ann = new Person(first.Address, first.Key);
            await ann.RegisterAsync();
            await ann.AddVouchersAsync(Channels);
            await using var stream = await StreamClient.ConnectAsync(first.Address);
            for (var i = 0; i < Channels; i++)
                histories.Add(new(await TestChannel.CreateAsync(stream, ann)));
        }

        for (var kill = 0; kill < Kills.Count; kill++)
        {
            var relay = await RelayProcess.StartAsync(folder, "--open-registration");
            await using var closing = relay;
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var taken = 0;
            // At another point of the load each time: after a number of acknowledged posts that differs.
            var limit = 50 + kill * 137 % 400;
            var writers = histories.Select(history => history.WriteAsync(relay.Address, () =>
            {
                if (Interlocked.Increment(ref taken) == limit)
                    enough.TrySetResult();
            })).ToList();
            var readers = histories.Select(history => history.ReadAsync(relay.Address)).ToList();
            await enough.Task.WaitAsync(StreamClient.Patience);
            relay.Kill();
            await Task.WhenAll(writers.Concat(readers)).WaitAsync(StreamClient.Patience);
        }

        await using var last = await RelayProcess.StartAsync(folder, "--open-registration");
        foreach (var history in histories)
            await history.CheckAsync(last.Address);
    }

    /// <summary>What one channel's writer was told and its reader saw.</summary>
    private sealed class ChannelHistory(TestChannel channel)
    {
        private readonly ConcurrentDictionary<ulong, byte[]> _acknowledged = [];
        private readonly SortedDictionary<ulong, byte[]> _seen = [];
        private ulong _readThrough;
        private Frame? _unanswered;
        private byte[]? _unansweredCapability;

        /// <summary>Posts one after the other; every tenth is a commit. What was not answered is posted again as it was.</summary>
        public async Task WriteAsync(Uri relay, Action posted)
        {
            try
            {
                await using var stream = await StreamClient.ConnectAsync(relay);
                for (var i = 1; ; i++)
                {
                    if (_unanswered is null && i % 10 == 0)
                        _unanswered = channel.Commit(_unansweredCapability = Bytes.Random(32));
                    _unanswered ??= channel.Message(Bytes.Random(200));
                    var answer = await stream.AskAsync(_unanswered.Clone());
                    Assert.True(_acknowledged.TryAdd(answer.Posted.Sequence, _unanswered.Post.Payload.ToByteArray()), "A sequence was given twice.");
                    if (_unanswered.Post.Kind == EntryKind.Commit)
                        channel.Won(_unansweredCapability!);
                    _unanswered = null;
                    posted();
                }
            }
            catch (WebSocketException)
            {
                // Killed.
            }
        }

        /// <summary>Reads and acknowledges; what it was told is acknowledged never comes again.</summary>
        public async Task ReadAsync(Uri relay)
        {
            try
            {
                await using var stream = await StreamClient.ConnectAsync(relay);
                var reads = (await stream.AskAsync(channel.Subscribe(channel.Own, _readThrough))).Subscribed;
                while (true)
                {
                    var entry = await stream.EntryAsync(reads.Subscription).WaitAsync(StreamClient.Patience);
                    Assert.Equal(_readThrough + 1, entry.Sequence);
                    _seen.Add(entry.Sequence, entry.Payload.ToByteArray());
                    _readThrough = entry.Sequence;
                    if (entry.Sequence % 7 == 0)
                        await stream.AskAsync(TestChannel.Acknowledge(reads.Subscription, entry.Sequence));
                }
            }
            catch (WebSocketException)
            {
                // Killed.
            }
        }

        public async Task CheckAsync(Uri relay)
        {
            await using var stream = await StreamClient.ConnectAsync(relay);
            var reads = (await stream.AskAsync(channel.Subscribe(channel.Own, _readThrough))).Subscribed;
            while (_readThrough < reads.Head)
            {
                var entry = await stream.EntryAsync(reads.Subscription);
                Assert.Equal(_readThrough + 1, entry.Sequence);
                _seen.Add(entry.Sequence, entry.Payload.ToByteArray());
                _readThrough = entry.Sequence;
            }

            Assert.Equal(channel.Number, reads.Number - (_unanswered?.Post.Kind == EntryKind.Commit && reads.Number > channel.Number ? 1UL : 0));
            foreach (var (sequence, payload) in _acknowledged)
                Assert.Equal(payload, _seen[sequence]);
            Assert.Equal((ulong)_seen.Count, reads.Head);
            await Refusal.IsAsync(RelayProblem.Refused, () => stream.AskAsync(new TestChannel().Message([1])));
        }
    }
}
