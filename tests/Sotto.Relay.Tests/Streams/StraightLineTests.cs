using Sotto.Relay.Tests.Running;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Streams;

/// <summary>Register, create, post, read and acknowledge, over a real socket.</summary>
public sealed class StraightLineTests
{
    [Fact]
    public async Task A_message_reaches_the_other_mailbox_and_is_gone_when_both_have_it()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var anns = await relay.ConnectAsync();
        await using var bobs = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(anns, ann);
        var bobsMailbox = new TestMailbox();
        await channel.AddAsync(anns, bobsMailbox);

        var bobReads = (await bobs.AskAsync(channel.Subscribe(bobsMailbox))).Subscribed;
        var annReads = (await anns.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        Assert.Equal(1UL, bobReads.Head);
        Assert.Equal(1UL, bobReads.Acknowledged);
        var payload = Bytes.Random(512);
        var posted = (await anns.AskAsync(channel.Message(payload))).Posted;
        Assert.Equal(2UL, posted.Sequence);

        var entry = await bobs.EntryAsync(bobReads.Subscription);
        Assert.Equal(2UL, entry.Sequence);
        Assert.Equal(EntryKind.Application, entry.Kind);
        Assert.Equal(1UL, entry.Number);
        Assert.Equal(payload, entry.Payload.ToByteArray());
        Assert.Equal(EntryKind.Commit, (await anns.EntryAsync(annReads.Subscription)).Kind);
        Assert.Equal(payload, (await anns.EntryAsync(annReads.Subscription)).Payload.ToByteArray());

        await bobs.AskAsync(TestChannel.Acknowledge(bobReads.Subscription, 2));
        await anns.AskAsync(TestChannel.Acknowledge(annReads.Subscription, 2));
        await relay.Server.Mailboxes.SettleAllAsync();
        var again = (await bobs.AskAsync(channel.Subscribe(bobsMailbox))).Subscribed;
        Assert.Equal(3UL, again.FirstSequence);
        Assert.Equal(2UL, again.Acknowledged);
    }
}
