using Sotto.Relay.Channels;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Storage;

/// <summary>Mailboxes and lanes.</summary>
public abstract partial class MailboxStoreConformance
{
    [Fact]
    public async Task A_mailbox_is_claimed_once_and_the_same_claim_again_is_a_success()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var (mailbox, claim, read) = (StoreUnderTest.Id(), StoreUnderTest.Hash(), StoreUnderTest.Hash());
        await line.AdvanceAsync([new(mailbox, claim)]);

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenAsync(new(line.Id, mailbox, read)));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.ClaimAsync(line.Id, mailbox, StoreUnderTest.Hash(), read));
        await test.Store.ClaimAsync(line.Id, mailbox, claim, read);
        await test.Store.ClaimAsync(line.Id, mailbox, claim, read);
        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.ClaimAsync(line.Id, mailbox, claim, StoreUnderTest.Hash()));
        Assert.Equal(1UL, (await test.Store.OpenAsync(new(line.Id, mailbox, read))).Acknowledged);
    }

    [Fact]
    public async Task The_old_read_capability_ends_when_the_new_one_is_first_used()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var next = StoreUnderTest.Hash();
        await test.Store.RekeyAsync(line.Own, next);

        await test.Store.OpenAsync(line.Own);
        await test.Store.OpenAsync(line.Own with { ReadCapabilityHash = next });
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenAsync(line.Own));
        await test.ReopenAsync();
        await test.Store.OpenAsync(line.Own with { ReadCapabilityHash = next });
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenAsync(line.Own));
    }

    [Fact]
    public async Task A_dropped_mailbox_reads_up_to_the_entry_that_dropped_it()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var other = await line.AddMailboxAsync();
        await test.Store.PostAsync(line.Message());
        var sequence = await line.AdvanceAsync(dropped: [other.Mailbox], cut: true);
        await test.Store.PostAsync(line.Message());

        Assert.Equal((other.Mailbox, sequence), Assert.Single(test.Ends));
        Assert.Equal(sequence, (await test.Store.OpenAsync(other)).DroppedAt);
    }

    [Fact]
    public async Task A_proposal_to_leave_needs_its_posters_own_mailbox_and_drops_it()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var other = await line.AddMailboxAsync();

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Leaving(other with { ReadCapabilityHash = StoreUnderTest.Hash() })));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Leaving(other with { Mailbox = StoreUnderTest.Id() })));
        var sequence = await test.Store.PostAsync(line.Leaving(other));
        Assert.Equal(sequence, (await test.Store.OpenAsync(other)).DroppedAt);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Leaving(other)));
    }

    [Fact]
    public async Task Adding_a_live_mailbox_is_a_conflict_and_adding_a_dropped_one_replaces_it()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var other = await line.AddMailboxAsync();
        var again = new NewMailbox(other.Mailbox, StoreUnderTest.Hash());
        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.PostAsync(line.Commit(StoreUnderTest.Hash(), [again])));

        await line.AdvanceAsync(dropped: [other.Mailbox], cut: true);
        var sequence = await line.AdvanceAsync([again]);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenAsync(other));
        var read = StoreUnderTest.Hash();
        await test.Store.ClaimAsync(line.Id, other.Mailbox, again.ClaimTokenHash, read);
        var opened = await test.Store.OpenAsync(other with { ReadCapabilityHash = read });
        Assert.Equal(sequence, opened.Acknowledged);
        Assert.Null(opened.DroppedAt);
    }

    [Fact]
    public async Task A_note_is_replaced_only_by_whoever_knows_the_one_before()
    {
        await using var test = Test();
        var line = await test.CreateAsync();
        var (first, second) = (Bytes.Random(64), Bytes.Random(64));
        await test.Store.SetNoteAsync(line.Own, null, first);
        await test.Store.SetNoteAsync(line.Own, null, first);

        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.SetNoteAsync(line.Own, null, second));
        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.SetNoteAsync(line.Own, StoreUnderTest.Hash(), second));
        await test.Store.SetNoteAsync(line.Own, new(Bytes.Hash(first)), second);
        await test.ReopenAsync();
        Assert.Equal(second, (await test.Store.OpenAsync(line.Own)).Note);
    }

    [Fact]
    public async Task A_single_use_lane_is_reserved_by_one_key_at_all_its_channels()
    {
        await using var test = Test();
        var (phone, laptop) = (await test.CreateAsync(ChannelKind.Intro), await test.CreateAsync(ChannelKind.Intro));
        var lane = new NewLane(StoreUnderTest.Hash(), LaneKind.SingleUse, Hour(test) + 24, 1);
        await test.Store.OpenLaneAsync(phone.Owner, lane);
        await test.Store.OpenLaneAsync(laptop.Owner, lane);
        var (bob, eve) = (StoreUnderTest.Hash(), StoreUnderTest.Hash());

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(phone.Intro(lane.LaneHash, bob)));
        await test.Store.ReserveAsync(phone.Id, lane.LaneHash, bob);
        await test.Store.ReserveAsync(laptop.Id, lane.LaneHash, bob);
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteUsed, () => test.Store.ReserveAsync(laptop.Id, lane.LaneHash, eve));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(phone.Intro(lane.LaneHash, eve)));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(phone.Intro(lane.LaneHash)));
        await test.Store.PostAsync(phone.Intro(lane.LaneHash, bob));
        await test.Store.PostAsync(laptop.Intro(lane.LaneHash, bob));
    }

    [Fact]
    public async Task A_reservation_lapses_after_a_day_unless_a_welcome_came()
    {
        await using var test = Test();
        var line = await test.CreateAsync(ChannelKind.Intro);
        var (lapsing, kept) = (new NewLane(StoreUnderTest.Hash(), LaneKind.SingleUse, Hour(test) + 72, 1), new NewLane(StoreUnderTest.Hash(), LaneKind.SingleUse, Hour(test) + 72, 1));
        var (bob, eve) = (StoreUnderTest.Hash(), StoreUnderTest.Hash());
        foreach (var lane in new[] { lapsing, kept })
        {
            await test.Store.OpenLaneAsync(line.Owner, lane);
            await test.Store.ReserveAsync(line.Id, lane.LaneHash, bob);
        }

        await test.Store.PostAsync(line.Intro(kept.LaneHash, bob));
        test.Time.Advance(TimeSpan.FromHours(25));
        await test.Store.ReserveAsync(line.Id, lapsing.LaneHash, eve);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Intro(lapsing.LaneHash, bob)));
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteUsed, () => test.Store.ReserveAsync(line.Id, kept.LaneHash, eve));
        test.Time.Advance(TimeSpan.FromDays(20));
        await test.Store.PostAsync(line.Intro(kept.LaneHash, bob));
    }

    [Fact]
    public async Task A_later_welcome_of_the_same_joiner_takes_the_place_of_the_earlier_one()
    {
        await using var test = Test();
        var line = await test.CreateAsync(ChannelKind.Intro);
        var lane = new NewLane(StoreUnderTest.Hash(), LaneKind.MultiUse, Hour(test) + 24, 2);
        await test.Store.OpenLaneAsync(line.Owner, lane);
        var (bob, charlie) = (StoreUnderTest.Hash(), StoreUnderTest.Hash());
        await test.Store.ReserveAsync(line.Id, lane.LaneHash, bob);
        await test.Store.ReserveAsync(line.Id, lane.LaneHash, charlie);
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteUsed, () => test.Store.ReserveAsync(line.Id, lane.LaneHash, StoreUnderTest.Hash()));

        await test.Store.PostAsync(line.Intro(lane.LaneHash, bob));
        await test.Store.PostAsync(line.Intro(lane.LaneHash, charlie));
        await test.Store.PostAsync(line.Intro(lane.LaneHash, bob));
        Assert.Equal([2, 3], await line.ReadAsync());
    }

    [Fact]
    public async Task A_channel_has_as_many_mailboxes_as_a_group_has_leaves_and_a_bounded_number_of_dropped_ones()
    {
        await using var test = new StoreUnderTest(Open);
        var line = await test.CreateAsync();
        await line.AdvanceAsync(Mailboxes(Limits.Mailboxes - 1));
        await StoreUnderTest.RefusedAsync(RelayProblem.QuotaReached, () => line.AdvanceAsync(Mailboxes(1)));
        var last = Mailboxes(1);
        await line.AdvanceAsync(last, dropped: [line.Own.Mailbox]);

        var kept = Limits.Mailboxes + 1;
        while (kept < Limits.MailboxesKept)
        {
            var next = Mailboxes(1);
            await line.AdvanceAsync(next, dropped: [last[0].Mailbox]);
            (last, kept) = (next, kept + 1);
        }

        await StoreUnderTest.RefusedAsync(RelayProblem.QuotaReached, () => line.AdvanceAsync(Mailboxes(1), dropped: [last[0].Mailbox]));
        await line.AdvanceAsync(dropped: [last[0].Mailbox]);
        await line.AdvanceAsync([last[0] with { ClaimTokenHash = StoreUnderTest.Hash() }]);
    }

    private static NewMailbox[] Mailboxes(int count) => [.. Enumerable.Range(0, count).Select(_ => new NewMailbox(StoreUnderTest.Id(), StoreUnderTest.Hash()))];

    [Fact]
    public async Task Nobody_reserves_more_or_longer_by_way_of_a_channel_of_their_own()
    {
        await using var test = new StoreUnderTest(Open);
        var (ann, eve) = (await test.CreateAsync(ChannelKind.Intro), await test.CreateAsync(ChannelKind.Intro));
        var lane = new NewLane(StoreUnderTest.Hash(), LaneKind.SingleUse, Hour(test) + 24, 1);
        await test.Store.OpenLaneAsync(ann.Owner, lane);
        await test.Store.ReserveAsync(ann.Id, lane.LaneHash, StoreUnderTest.Hash());

        foreach (var other in new[] { lane with { Kind = LaneKind.MultiUse, Uses = 1000 }, lane with { ExpiresHour = Hour(test) + 48 } })
            await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.OpenLaneAsync(eve.Owner, other));
        await test.Store.OpenLaneAsync(eve.Owner, lane);
        await StoreUnderTest.RefusedAsync(RelayProblem.Conflict, () => test.Store.OpenLaneAsync(eve.Owner, lane with { Kind = LaneKind.MultiUse, Uses = 1000 }));
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteUsed, () => test.Store.ReserveAsync(eve.Id, lane.LaneHash, StoreUnderTest.Hash()));
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteUsed, () => test.Store.ReserveAsync(ann.Id, lane.LaneHash, StoreUnderTest.Hash()));
    }

    [Fact]
    public async Task Lanes_open_and_close_by_the_owner_and_expire()
    {
        await using var test = Test();
        var line = await test.CreateAsync(ChannelKind.Intro);
        var contact = new NewLane(StoreUnderTest.Hash(), LaneKind.Contact, null, 1);
        var invite = new NewLane(StoreUnderTest.Hash(), LaneKind.SingleUse, Hour(test) + 1, 1);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.OpenLaneAsync(line.Owner with { CapabilityHash = StoreUnderTest.Hash() }, contact));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Intro(contact.LaneHash)));
        await test.Store.OpenLaneAsync(line.Owner, contact);
        await test.Store.OpenLaneAsync(line.Owner, invite);

        await test.Store.PostAsync(line.Intro(contact.LaneHash));
        test.Time.Advance(TimeSpan.FromHours(1));
        await StoreUnderTest.RefusedAsync(RelayProblem.InviteExpired, () => test.Store.ReserveAsync(line.Id, invite.LaneHash, StoreUnderTest.Hash()));
        await test.Store.CloseLaneAsync(line.Owner, contact.LaneHash);
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(line.Intro(contact.LaneHash)));
    }

    [Fact]
    public async Task The_strangers_lane_costs_a_voucher_for_each_post()
    {
        await using var test = Test();
        var line = await test.CreateAsync(ChannelKind.Intro);
        var lane = new NewLane(StoreUnderTest.Hash(), LaneKind.Strangers, null, 1);
        await test.Store.OpenLaneAsync(line.Owner, lane);
        var voucher = StoreUnderTest.Hash();
        await test.Store.AddVouchersAsync([voucher]);

        await StoreUnderTest.RefusedAsync(RelayProblem.TokenRefused, () => test.Store.PostAsync(line.Intro(lane.LaneHash)));
        var post = line.Intro(lane.LaneHash, tokenHash: voucher);
        await test.Store.PostAsync(post);
        await test.Store.PostAsync(post);
        await StoreUnderTest.RefusedAsync(RelayProblem.TokenRefused, () => test.Store.PostAsync(line.Intro(lane.LaneHash, tokenHash: voucher)));
        Assert.Equal([1], await line.ReadAsync());
    }

    [Fact]
    public async Task Conversations_take_no_intro_entry_and_intro_channels_nothing_else()
    {
        await using var test = Test();
        var (conversation, intro) = (await test.CreateAsync(), await test.CreateAsync(ChannelKind.Intro));

        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(conversation.Intro(conversation.Capability)));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(intro.Message()));
        await StoreUnderTest.RefusedAsync(RelayProblem.Refused, () => test.Store.PostAsync(intro.Commit(StoreUnderTest.Hash())));
    }

    private static long Hour(StoreUnderTest test) => test.Time.GetUtcNow().ToUnixTimeSeconds() / 3600;
}
