using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Storage;

/// <summary>What stays, and how long.</summary>
public abstract partial class MailboxStoreConformance
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_entry_goes_when_every_mailbox_has_acknowledged_it(bool settledBefore)
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var other = await line.AddMailboxAsync();
        for (var i = 0; i < 4; i++)
            await test.Store.PostAsync(line.Message());
        if (settledBefore)
            await SettleAsync(test.Store);
        var channel = (await test.Store.OpenAsync(other)).Channel;
        test.Store.Acknowledge(channel, other.Mailbox, 5);
        test.Store.Acknowledge(channel, line.Own.Mailbox, 3);
        await SettleAsync(test.Store);

        Assert.Equal([4, 5], await line.ReadAsync());
        var opened = await test.Store.OpenAsync(line.Own);
        Assert.Equal((3UL, 4UL, 5UL), (opened.Acknowledged, opened.FirstSequence, opened.Head));
        await test.ReopenAsync();
        Assert.Equal([4, 5], await line.ReadAsync());
        Assert.Equal(6UL, await test.Store.PostAsync(line.Message()));
    }

    [Fact]
    public async Task An_acknowledgement_never_goes_back_or_beyond_the_head()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await test.Store.PostAsync(line.Message());
        await test.Store.PostAsync(line.Message());
        var channel = (await test.Store.OpenAsync(line.Own)).Channel;
        test.Store.Acknowledge(channel, line.Own.Mailbox, 1000);
        await SettleAsync(test.Store);
        test.Store.Acknowledge(channel, line.Own.Mailbox, 1);
        await SettleAsync(test.Store);

        Assert.Equal(2UL, (await test.Store.OpenAsync(line.Own)).Acknowledged);
        Assert.Equal(3UL, await test.Store.PostAsync(line.Message()));
    }

    [Fact]
    public async Task A_post_is_remembered_for_two_days_also_when_its_entry_is_gone()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var message = line.Message();
        await test.Store.PostAsync(message);
        test.Store.Acknowledge((await test.Store.OpenAsync(line.Own)).Channel, line.Own.Mailbox, 1);
        await SettleAsync(test.Store);
        Assert.Empty(await line.ReadAsync());

        test.Time.Advance(TimeSpan.FromHours(48));
        await test.Store.MaintainAsync();
        Assert.Equal(1UL, await test.Store.PostAsync(message));
        test.Time.Advance(TimeSpan.FromDays(3));
        await test.Store.MaintainAsync();
        Assert.Equal(2UL, await test.Store.PostAsync(message));
    }

    [Fact]
    public async Task Messages_stay_thirty_days_and_commits_ninety()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await test.Store.PostAsync(line.Message());
        await line.AdvanceAsync();
        await test.Store.PostAsync(line.Message());
        await SettleAsync(test.Store);

        test.Time.Advance(TimeSpan.FromDays(30));
        await test.Store.MaintainAsync();
        Assert.Equal([1, 2, 3], await line.ReadAsync());
        test.Time.Advance(TimeSpan.FromDays(1));
        await test.Store.MaintainAsync();
        Assert.Equal([2], await line.ReadAsync());
        Assert.Equal(2UL, (await test.Store.OpenAsync(line.Own)).FirstSequence);
        test.Time.Advance(TimeSpan.FromDays(60));
        await test.Store.MaintainAsync();
        Assert.Empty(await line.ReadAsync());
        Assert.Equal(4UL, await test.Store.PostAsync(line.Message() with { LastNumber = 1 }));
    }

    [Fact]
    public async Task An_unclaimed_mailbox_dies_after_sixty_days_and_a_dropped_one_after_thirty()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var dropped = await line.AddMailboxAsync();
        var (unclaimed, claim) = (StoreUnderTest.Id(), StoreUnderTest.Hash());
        await line.AdvanceAsync([new(unclaimed, claim)], [dropped.Mailbox]);

        test.Time.Advance(TimeSpan.FromDays(30));
        await test.Store.MaintainAsync();
        await test.Store.OpenAsync(dropped);
        test.Time.Advance(TimeSpan.FromDays(1));
        await test.Store.MaintainAsync();
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenAsync(dropped));
        test.Time.Advance(TimeSpan.FromDays(30));
        await test.Store.MaintainAsync();
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.ClaimAsync(line.Id, unclaimed, claim, StoreUnderTest.Hash()));
        await test.Store.OpenAsync(line.Own);
    }

    [Fact]
    public async Task A_full_channel_of_recent_readers_takes_nothing_more_and_drops_nothing()
    {
        await using var test = Test(new() { ChannelEntries = 5 });
        var line = await test.CreateAsync();
        for (var i = 0; i < 5; i++)
            await test.Store.PostAsync(line.Message());

        await StoreUnderTest.RefusedAsync(RelayProblem.ChannelFull, () => test.Store.PostAsync(line.Message()));
        Assert.Equal([1, 2, 3, 4, 5], await line.ReadAsync());
        test.Store.Acknowledge((await test.Store.OpenAsync(line.Own)).Channel, line.Own.Mailbox, 2);
        Assert.Equal(6UL, await test.Store.PostAsync(line.Message()));
    }

    [Fact]
    public async Task A_full_channel_is_full_by_its_size_too()
    {
        await using var test = Test(new() { ChannelBytes = 10_000 });
        var line = await test.CreateAsync();
        await test.Store.PostAsync(line.Message(4000));
        await test.Store.PostAsync(line.Message(4000));

        await StoreUnderTest.RefusedAsync(RelayProblem.ChannelFull, () => test.Store.PostAsync(line.Message(4000)));
        await test.Store.PostAsync(line.Message(100));
    }

    [Fact]
    public async Task A_full_channel_cuts_off_a_reader_that_is_more_than_a_week_behind()
    {
        await using var test = Test(new() { ChannelEntries = 5 });
        var line = await test.CreateAsync();
        var behind = await line.AddMailboxAsync();
        for (var i = 0; i < 4; i++)
            await test.Store.PostAsync(line.Message());
        await SettleAsync(test.Store);
        test.Time.Advance(TimeSpan.FromDays(8));
        var channel = (await test.Store.OpenAsync(line.Own)).Channel;
        test.Store.Acknowledge(channel, line.Own.Mailbox, 5);

        Assert.Equal(6UL, await test.Store.PostAsync(line.Message()));
        Assert.Equal(2UL, (await test.Store.OpenAsync(behind)).FirstSequence);
        Assert.Equal(7UL, await test.Store.PostAsync(line.Message()));
        Assert.Equal(6UL, (await test.Store.OpenAsync(behind)).FirstSequence);
        Assert.Equal([6, 7], await line.ReadAsync());
    }
}
