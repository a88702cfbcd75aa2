using System.Net.WebSockets;
using Google.Protobuf;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Streams;

/// <summary>The mailbox plane as clients see it.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task The_first_frame_names_version_and_incarnation()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var stream = await relay.ConnectAsync();
        Assert.Equal(1U, stream.Hello.Version);
        var incarnation = stream.Hello.Incarnation;
        await relay.RestartAsync();
        await using var again = await relay.ConnectAsync();

        Assert.Equal(8, incarnation.Length);
        Assert.Equal(incarnation, again.Hello.Incarnation);
    }

    [Fact]
    public async Task A_commit_is_delivered_with_what_it_told_the_relay_and_a_receipt_of_the_relay()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        var (next, added, dropped) = (Bytes.Random(32), new TestMailbox(), Bytes.Random(16));
        var commit = channel.Commit(next, added);
        commit.Post.Commit.Cut = true;
        commit.Post.Commit.Dropped.Add(Bytes.Wire(dropped));
        await stream.AskAsync(commit);

        var entry = await stream.EntryAsync(reads.Subscription);
        Assert.Equal((EntryKind.Commit, 1UL, 1UL), (entry.Kind, entry.Sequence, entry.Number));
        Assert.Equal(commit.Post.Payload, entry.Payload);
        Assert.Equal(commit.Post.EpochTag, entry.EpochTag);
        Assert.Equal(Bytes.Hash(next), entry.Commit.NextWriteCapabilityHash.ToByteArray());
        Assert.Equal(added.Id, Assert.Single(entry.Commit.Added).Mailbox.ToByteArray());
        Assert.Equal(dropped, Assert.Single(entry.Commit.Dropped).ToByteArray());
        Assert.True(entry.Commit.Cut);
        var receipt = entry.Commit.Receipt;
        var content = new CommitReceiptContent(
            new(channel.Id), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(receipt.Incarnation.Span), 1,
            Bytes32.HashOf(commit.Post.Payload.Span), new(Bytes.Hash(next)));
        Assert.Equal(stream.Hello.Incarnation, receipt.Incarnation);
        Assert.True(TestRelay.Crypto.Ed25519Verify(relay.Server.Identity.Key.ToArray(), content.ToSign(), receipt.Signature.Span));
    }

    [Fact]
    public async Task A_mailbox_that_is_opened_and_dropped_in_one_breath_reads_no_further()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        await using var removed = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        for (var round = 0; round < 50; round++)
        {
            var leaving = new TestMailbox();
            await channel.AddAsync(stream, leaving);
            var next = Bytes.Random(32);
            var drop = channel.Commit(next);
            drop.Post.Commit.Dropped.Add(Bytes.Wire(leaving.Id));
            var (subscribed, dropped) = await removed.StartTogetherAsync(channel.Subscribe(leaving), drop);
            var last = (await dropped).Posted.Sequence;
            channel.Won(next);
            await stream.AskAsync(channel.Message([1]));

            var reads = (await subscribed).Subscribed.Subscription;
            Assert.Equal(last, (await removed.EntryAsync(reads)).Sequence);
            var end = (await removed.ToldAsync()).SubscriptionEnded;
            Assert.Equal((reads, EndReason.Dropped), (end.Subscription, end.Reason));
            Assert.False(removed.HasEntry(reads));
        }
    }

    [Fact]
    public async Task Extensions_are_returned_unread()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        var message = channel.Message([1]);
        message.Post.Extensions = Bytes.Wire(Bytes.Random(1024));
        await stream.AskAsync(message);

        Assert.Equal(message.Post.Extensions, (await stream.EntryAsync(reads.Subscription)).Extensions);
        message.Post.Extensions = Bytes.Wire(new byte[1025]);
        await Refusal.IsAsync(RelayProblem.TooLarge, () => stream.AskAsync(message));
    }

    [Fact]
    public async Task Many_messages_on_one_connection_come_out_in_the_order_they_went_in()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        await using var reader = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await reader.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        var payloads = Enumerable.Range(0, 1000).Select(_ => Bytes.Random(64)).ToList();
        var answers = new List<Task<Frame>>();
        foreach (var payload in payloads)
            answers.Add(await stream.StartAsync(channel.Message(payload)));

        var sequences = (await Task.WhenAll(answers)).Select(answer => answer.Posted.Sequence);
        Assert.Equal(Enumerable.Range(1, 1000).Select(sequence => (ulong)sequence), sequences);
        foreach (var payload in payloads)
            Assert.Equal(payload, (await reader.EntryAsync(reads.Subscription)).Payload.ToByteArray());
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_after_what_it_acknowledged()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var writer = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(writer, ann);
        await using (var first = await relay.ConnectAsync())
        {
            var reads = (await first.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
            for (var i = 0; i < 5; i++)
                await writer.AskAsync(channel.Message([(byte)i]));
            for (var i = 0; i < 5; i++)
                await first.EntryAsync(reads.Subscription);
            await first.AskAsync(TestChannel.Acknowledge(reads.Subscription, 3));
        }

        await using var second = await relay.ConnectAsync();
        var again = (await second.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        Assert.Equal(4UL, (await second.EntryAsync(again.Subscription)).Sequence);
        Assert.Equal(5UL, (await second.EntryAsync(again.Subscription)).Sequence);
    }

    [Fact]
    public async Task Nothing_that_was_not_pushed_can_be_acknowledged()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;

        await Refusal.IsAsync(RelayProblem.Refused, () => stream.AskAsync(TestChannel.Acknowledge(reads.Subscription, 1)));
        await Refusal.IsAsync(RelayProblem.Refused, () => stream.AskAsync(TestChannel.Acknowledge(reads.Subscription + 1, 0)));
    }

    [Fact]
    public async Task A_second_reader_of_a_mailbox_ends_the_first()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var first = await relay.ConnectAsync();
        await using var second = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(first, ann);
        var firsts = (await first.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        var seconds = (await second.AskAsync(channel.Subscribe(channel.Own))).Subscribed;

        var ended = (await first.ToldAsync()).SubscriptionEnded;
        Assert.Equal((firsts.Subscription, EndReason.Replaced), (ended.Subscription, ended.Reason));
        await second.AskAsync(channel.Message([1]));
        Assert.Equal(1UL, (await second.EntryAsync(seconds.Subscription)).Sequence);
        Assert.False(first.HasEntry(firsts.Subscription));
        await Refusal.IsAsync(RelayProblem.Refused, () => first.AskAsync(TestChannel.Acknowledge(firsts.Subscription, 0)));
    }

    [Fact]
    public async Task A_dropped_reader_gets_the_entry_that_dropped_it_and_nothing_after()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var anns = await relay.ConnectAsync();
        await using var bobs = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(anns, ann);
        var bob = new TestMailbox();
        await channel.AddAsync(anns, bob);
        var reads = (await bobs.AskAsync(channel.Subscribe(bob))).Subscribed;
        var next = Bytes.Random(32);
        var removal = channel.Commit(next);
        removal.Post.Commit.Dropped.Add(Bytes.Wire(bob.Id));
        removal.Post.Commit.Cut = true;
        await anns.AskAsync(removal);
        channel.Won(next);
        await anns.AskAsync(channel.Message([1]));

        Assert.Equal(2UL, (await bobs.EntryAsync(reads.Subscription)).Sequence);
        Assert.Equal(EndReason.Dropped, (await bobs.ToldAsync()).SubscriptionEnded.Reason);
        var again = (await bobs.AskAsync(channel.Subscribe(bob))).Subscribed;
        Assert.Equal(2UL, (await bobs.EntryAsync(again.Subscription)).Sequence);
        Assert.Equal(EndReason.Dropped, (await bobs.ToldAsync()).SubscriptionEnded.Reason);
        Assert.False(bobs.HasEntry(again.Subscription));
    }

    [Fact]
    public async Task An_ephemeral_post_reaches_who_is_connected_and_is_not_stored()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var anns = await relay.ConnectAsync();
        await using var bobs = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(anns, ann);
        var bob = new TestMailbox();
        await channel.AddAsync(anns, bob);
        var reads = (await bobs.AskAsync(channel.Subscribe(bob))).Subscribed;
        var typing = channel.Message(Bytes.Random(64));
        typing.Post.Kind = EntryKind.Ephemeral;
        typing.Post.IdempotencyId = ByteString.Empty;

        Assert.Equal(0UL, (await anns.AskAsync(typing)).Posted.Sequence);
        var push = (await bobs.ToldAsync()).EphemeralPush;
        Assert.Equal((reads.Subscription, typing.Post.Payload), (push.Subscription, push.Payload));
        Assert.Equal(2UL, (await anns.AskAsync(channel.Message([1]))).Posted.Sequence);
        typing.Post.Capability = Bytes.Wire(Bytes.Random(32));
        await Refusal.IsAsync(RelayProblem.Refused, () => anns.AskAsync(typing));
    }

    [Fact]
    public async Task Entries_that_are_gone_are_named_by_the_first_that_is_left()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        for (var i = 0; i < 3; i++)
        {
            await stream.AskAsync(channel.Message([1]));
            await stream.EntryAsync(reads.Subscription);
        }

        await stream.AskAsync(TestChannel.Acknowledge(reads.Subscription, 2));
        await relay.Server.Mailboxes.SettleAllAsync();
        var refusal = await Refusal.IsAsync(RelayProblem.Expired, () => stream.AskAsync(channel.Subscribe(channel.Own, after: 0)));
        Assert.Equal(3UL, refusal.FirstSequence);
        Assert.Equal(3UL, (await stream.AskAsync(channel.Subscribe(channel.Own, after: 3))).Subscribed.Head);
    }

    [Fact]
    public async Task A_frame_that_the_relay_does_not_know_is_answered_and_the_stream_goes_on()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var stream = await relay.ConnectAsync();

        await Refusal.IsAsync(RelayProblem.UnknownRequest, () => stream.AskAsync(new()));
        await Refusal.IsAsync(RelayProblem.UnknownRequest, () => stream.AskAsync(new() { Hello = new() }));
        await Refusal.IsAsync(RelayProblem.Malformed, () => stream.AskAsync(new() { Post = new() }));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_message_that_is_no_batch_ends_the_stream_and_the_relay_goes_on(byte[] message, WebSocketMessageType type, WebSocketCloseStatus status)
    {
        await using var relay = await TestRelay.StartAsync();
        await using var stream = await relay.ConnectAsync();
        await stream.SendAsync(message, type);
        await stream.EndedAsync();

        Assert.Equal(status, stream.Closed);
        await using var next = await relay.ConnectAsync();
    }

    public static TheoryData<byte[], WebSocketMessageType, WebSocketCloseStatus> Broken() => new()
    {
        { [], WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData },
        { [0], WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData },
        { [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07], WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData },
        { "hello"u8.ToArray(), WebSocketMessageType.Text, WebSocketCloseStatus.InvalidMessageType },
        { new byte[Limits.Message + 1], WebSocketMessageType.Binary, WebSocketCloseStatus.MessageTooBig },
        { new Batch { Frames = { Enumerable.Repeat(new Frame(), Limits.FramesInMessage + 1) } }.ToByteArray(), WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData },
    };

    [Theory]
    [MemberData(nameof(WrongPosts))]
    public async Task A_post_of_a_wrong_shape_is_refused_and_adds_nothing(Action<Post> make, RelayProblem problem)
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var message = channel.Message([1]);
        make(message.Post);

        await Refusal.IsAsync(problem, () => stream.AskAsync(message));
        Assert.Equal(1UL, (await stream.AskAsync(channel.Message([1]))).Posted.Sequence);
    }

    public static TheoryData<Action<Post>, RelayProblem> WrongPosts() => new()
    {
        { post => post.Channel = Bytes.Wire(new byte[15]), RelayProblem.Malformed },
        { post => post.Channel = Bytes.Wire(new byte[17]), RelayProblem.Malformed },
        { post => post.EpochTag = Bytes.Wire(new byte[7]), RelayProblem.Malformed },
        { post => post.IdempotencyId = ByteString.Empty, RelayProblem.Malformed },
        { post => post.Capability = Bytes.Wire(new byte[31]), RelayProblem.Malformed },
        { post => post.Capability = Bytes.Wire(new byte[32]), RelayProblem.Refused },
        { post => post.Payload = ByteString.Empty, RelayProblem.Malformed },
        { post => post.Payload = Bytes.Wire(new byte[Limits.Payload + 1]), RelayProblem.TooLarge },
        { post => post.Kind = EntryKind.Unspecified, RelayProblem.Malformed },
        { post => post.Kind = (EntryKind)99, RelayProblem.Malformed },
        { post => post.Kind = EntryKind.Commit, RelayProblem.Malformed },
        { post => post.Commit = new(), RelayProblem.Malformed },
        { post => post.WakeClass = 3, RelayProblem.Malformed },
        { post => post.Blob = new(), RelayProblem.Malformed },
        { post => post.LastNumber = ulong.MaxValue, RelayProblem.Stale },
    };

    [Fact]
    public async Task A_flood_of_refused_requests_leaves_the_stream_and_others_working()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var flooder = await relay.ConnectAsync();
        await using var honest = await relay.ConnectAsync();
        var unknown = new TestChannel();
        var answers = new List<Task<Frame>>();
        for (var i = 0; i < 2000; i++)
            answers.Add(await flooder.StartAsync(unknown.Message([1])));
        var channel = await TestChannel.CreateAsync(honest, ann);

        Assert.Equal(1UL, (await honest.AskAsync(channel.Message([1]))).Posted.Sequence);
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("urn:sotto:problem:refused", answer.Problem.Type));
    }

    [Fact]
    public async Task Draining_tells_clients_answers_what_they_asked_and_closes()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var asked = await stream.StartAsync(channel.Message([1]));
        Assert.Equal(1UL, (await asked).Posted.Sequence);
        await relay.Server.DrainAsync(CancellationToken.None);

        Assert.Equal(Frame.BodyOneofCase.Draining, (await stream.ToldAsync()).BodyCase);
        await stream.EndedAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, stream.Closed);
    }
}
