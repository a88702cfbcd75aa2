using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Storage;

/// <summary>What every engine of the mailbox plane must do: posting and commits.</summary>
public abstract partial class MailboxStoreConformance
{
    protected abstract IMailboxStore Open(StoreUnderTest test);

    /// <summary>Moves recent entries to where they stay, in engines that have such a thing.</summary>
    protected abstract Task SettleAsync(IMailboxStore store);

    [Fact]
    public async Task Entries_of_a_channel_are_numbered_without_gaps_and_read_in_order()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        for (var i = 1UL; i <= 10; i++)
            Assert.Equal(i, await test.Store.PostAsync(line.Message()));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], await line.ReadAsync());
        Assert.Equal([4, 5, 6], await line.ReadAsync(after: 3, through: 6));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], test.Announced.Select(announced => announced.Entry.Sequence));
    }

    [Fact]
    public async Task Entries_are_read_across_what_is_settled_and_what_is_recent()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        for (var i = 0; i < 5; i++)
            await test.Store.PostAsync(line.Message());
        await SettleAsync(test.Store);
        for (var i = 0; i < 5; i++)
            await test.Store.PostAsync(line.Message());

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], await line.ReadAsync());
        Assert.Equal([5, 6], await line.ReadAsync(after: 4, through: 6));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_is_there_after_a_restart_and_numbers_go_on(bool settled)
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var mailbox = await line.AddMailboxAsync();
        var message = line.Message();
        await test.Store.PostAsync(message);
        if (settled)
            await SettleAsync(test.Store);
        var incarnation = test.Store.Incarnation;
        await test.ReopenAsync();

        Assert.Equal(incarnation, test.Store.Incarnation);
        Assert.Equal([1, 2], await line.ReadAsync());
        Assert.Equal(2UL, await test.Store.PostAsync(message));
        Assert.Equal(3UL, await test.Store.PostAsync(line.Message()));
        Assert.Equal(1UL, (await test.Store.OpenAsync(mailbox)).Number);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_post_again_gets_the_first_answer_and_adds_nothing_whatever_the_capability_is_now(bool settled)
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var message = line.Message();
        Assert.Equal(1UL, await test.Store.PostAsync(message));
        await line.AdvanceAsync(cut: true);
        if (settled)
            await SettleAsync(test.Store);

        Assert.Equal(1UL, await test.Store.PostAsync(message));
        Assert.Equal([1, 2], await line.ReadAsync());
    }

    [Fact]
    public async Task Other_bytes_under_a_known_id_are_a_conflict()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var message = line.Message();
        await test.Store.PostAsync(message);

        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.PostAsync(message with { Digest = StoreUnderTest.Hash() }));
        Assert.Equal([1], await line.ReadAsync());
    }

    [Fact]
    public async Task A_refused_post_is_not_remembered()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var message = line.Message() with { CapabilityHash = StoreUnderTest.Hash() };
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(message));

        Assert.Equal(1UL, await test.Store.PostAsync(message with { CapabilityHash = line.Capability, Digest = StoreUnderTest.Hash() }));
    }

    [Fact]
    public async Task Of_many_commits_for_a_number_exactly_one_wins_and_the_others_are_stale()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var commits = Enumerable.Range(0, 20).Select(_ => line.Commit(StoreUnderTest.Hash())).ToList();
        var outcomes = await Task.WhenAll(commits.Select(async commit =>
        {
            try
            {
                await test.Store.PostAsync(commit);
                return (RelayProblem?)null;
            }
            catch (RelayException refusal)
            {
                Assert.Equal(1UL, refusal.Number);
                return refusal.Problem;
            }
        }));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(19, outcomes.Count(outcome => outcome == RelayProblem.Stale));
        Assert.Equal([1], await line.ReadAsync());
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public async Task A_commit_that_does_not_follow_the_number_is_stale(ulong lastNumber, ulong number)
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await line.AdvanceAsync();
        var commit = line.Commit(StoreUnderTest.Hash());

        var refusal = await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () =>
            test.Store.PostAsync(commit with { LastNumber = lastNumber, Commit = commit.Commit! with { Number = number } }));
        Assert.Equal(1UL, refusal.Number);
    }

    [Fact]
    public async Task Messages_of_the_number_before_are_taken_and_older_ones_are_stale()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await line.AdvanceAsync();
        await line.AdvanceAsync();

        await test.Store.PostAsync(line.Message() with { LastNumber = 1 });
        await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () => test.Store.PostAsync(line.Message() with { LastNumber = 0 }));
        await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () => test.Store.PostAsync(line.Message() with { LastNumber = 3 }));
    }

    [Fact]
    public async Task The_capability_before_takes_messages_for_five_minutes_and_no_commit()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var before = line.Message();
        var commitBefore = line.Commit(StoreUnderTest.Hash());
        await line.AdvanceAsync();

        await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () => test.Store.PostAsync(commitBefore));
        test.Time.Advance(TimeSpan.FromSeconds(299));
        await test.Store.PostAsync(before);
        test.Time.Advance(TimeSpan.FromSeconds(1));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(before with { IdempotencyId = StoreUnderTest.Id() }));
    }

    [Fact]
    public async Task After_a_cut_the_capability_before_takes_nothing()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var before = line.Message();
        await line.AdvanceAsync(cut: true);

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(before));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.CheckWriterAsync(line.Id, before.CapabilityHash));
        await test.Store.CheckWriterAsync(line.Id, line.Capability);
    }

    [Fact]
    public async Task A_capability_two_commits_old_takes_nothing()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var first = line.Capability;
        await line.AdvanceAsync();
        await line.AdvanceAsync();

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Message() with { CapabilityHash = first }));
    }

    [Fact]
    public async Task A_commit_must_have_read_every_proposal_of_its_epoch()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var leaving = await line.AddMailboxAsync();
        await test.Store.PostAsync(line.Leaving(leaving));

        await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () => test.Store.PostAsync(line.Commit(StoreUnderTest.Hash(), cut: true)));
        await StoreUnderTest.RefusedAsync(RelayProblem.Stale, () => test.Store.PostAsync(line.Commit(StoreUnderTest.Hash(), cut: true, proposalsRead: 2)));
        await line.AdvanceAsync(dropped: [leaving.Mailbox], cut: true, proposalsRead: 1);
        await line.AdvanceAsync();
    }

    [Fact]
    public async Task Unknown_channel_and_wrong_capability_are_the_same_answer()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var unknown = await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Message() with { Channel = StoreUnderTest.Id() }));
        var wrong = await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Message() with { CapabilityHash = StoreUnderTest.Hash() }));

        Assert.Equal(unknown.Message, wrong.Message);
        Assert.Equal(unknown.Detail, wrong.Detail);
    }

    [Fact]
    public async Task A_voucher_makes_one_channel()
    {
        await using var test = Test();
        var voucher = StoreUnderTest.Hash();
        await test.Store.AddVouchersAsync([voucher]);
        await test.Store.CreateAsync(new Line(test, ChannelKind.Conversation).Creation with { TokenHash = voucher });

        await StoreUnderTest.RefusedAsync(RelayProblem.TokenRefused, () =>
            test.Store.CreateAsync(new Line(test, ChannelKind.Conversation).Creation with { TokenHash = voucher }));
    }

    [Fact]
    public async Task The_same_creation_again_is_a_success_and_another_under_its_id_a_conflict()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        await line.AdvanceAsync();

        await test.Store.CreateAsync(line.Creation);
        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.CreateAsync(line.Creation with { Digest = StoreUnderTest.Hash() }));
        Assert.Equal(1UL, (await test.Store.OpenAsync(line.Own)).Number);
    }

    [Fact]
    public async Task A_batch_of_vouchers_that_comes_again_brings_no_spent_one_back()
    {
        await using var test = Test();
        Bytes32[] batch = [StoreUnderTest.Hash(), StoreUnderTest.Hash()];
        await test.Store.AddVouchersAsync(batch);
        await test.Store.CreateAsync(new Line(test, ChannelKind.Conversation).Creation with { TokenHash = batch[0] });
        await test.Store.AddVouchersAsync([batch[1], batch[0]]);

        await StoreUnderTest.RefusedAsync(RelayProblem.TokenRefused, () =>
            test.Store.CreateAsync(new Line(test, ChannelKind.Conversation).Creation with { TokenHash = batch[0] }));
        await test.Store.CreateAsync(new Line(test, ChannelKind.Conversation).Creation with { TokenHash = batch[1] });
    }

    private StoreUnderTest Test(RelayLimits? limits = null) => new(Open, limits);
}
