using System.Collections.Concurrent;
using Sotto.Client.Content;
using Sotto.Client.Relays;
using Sotto.Client.Repairing;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Conversations;

/// <summary>What one conversation needs on a connection, in the order in which it needs it. Done again whenever something changes.</summary>
internal sealed class ConversationUpkeep(RelayLink link)
{
    private const int MostReadCapabilities = 20;
    private static readonly TimeSpan RestoredPause = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Bytes16, byte[]> _committing = [];
    private readonly KeyUpdates _updates = new(link.State);
    private readonly MailboxOpening _mailbox = new(link);
    private readonly Offers _offers = new(link.State);
    private readonly Resetting _resetting = new(link);
    private readonly Foundings _foundings = new(link, new(link));
    private readonly RepairAsking _asking = new(link);
    private readonly RepairAnswering _answering = new(link);

    public async Task RunAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (conversation.Record.LaneIsStale)
            await ChangeLaneAsync(conversation, cancellationToken).ConfigureAwait(false);
        await RepairAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (conversation.IsStopped || !conversation.Record.IsMade)
            return;
        if (conversation.Record.ClaimToken is not null)
            await _mailbox.ClaimAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (conversation.Head is null && !conversation.IsStopped)
            await _mailbox.OpenAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (conversation.IsStopped)
        {
            // What stopped it is looked at next.
            link.Wake();
            return;
        }

        await TalkAsync(conversation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What comes before the channel: another group may take the place of the one that there is.</summary>
    private async Task RepairAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (conversation.Record.HasOffers && (conversation.IsStopped || conversation.IsCaughtUp))
            await _offers.TakeAsync(conversation, cancellationToken).ConfigureAwait(false);
        await _resetting.BeginAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (link.State.Foundings.ContainsKey(conversation.Record.Id))
            await link.TryAsync(Named(conversation, "founding"u8), () => _foundings.RunAsync(conversation, cancellationToken)).ConfigureAwait(false);
        if (conversation.Record.Repair is not null)
            await link.TryAsync(Named(conversation, "repair"u8), () => _asking.RunAsync(conversation, cancellationToken)).ConfigureAwait(false);
    }

    private static Bytes32 Named(ConversationState conversation, ReadOnlySpan<byte> what) => Bytes32.HashOf([.. what, .. conversation.Record.Id.ToArray()]);

    private async Task TalkAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (conversation.Record.SendsAgain && conversation.IsCaughtUp && conversation.Group.Epoch.Value > 0)
            await SendAgainAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (conversation.Record.RekeyIsDue)
            await RekeyAsync(conversation, cancellationToken).ConfigureAwait(false);
        await _answering.RunAsync(conversation, cancellationToken).ConfigureAwait(false);
        await UpdateKeysAsync(conversation, cancellationToken).ConfigureAwait(false);
        await ReportAsync(conversation, cancellationToken).ConfigureAwait(false);
        if (!conversation.Record.HelloIsWritten && conversation.IsCaughtUp && conversation.Group.Epoch.Value > 0)
            await GreetAsync(conversation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Everything that the other may not have, in the order of its counters, before anything new.</summary>
    private async Task SendAgainAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            await link.Contents.SendAgainAsync(conversation).ConfigureAwait(false);
            var record = conversation.Record with { SendsAgain = false };
            await link.State.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            conversation.Record = record;
        }
    }

    /// <summary>A blocked contact's lane and token end at the relay; they open again when the block does.</summary>
    private async Task ChangeLaneAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        var (contact, intro) = (conversation.Record.Contact, link.State.Relays[link.Fingerprint].Intro);
        var isBlocked = conversation.Record.IsBlocked;
        Frame lane = isBlocked
            ? new() { CloseLane = new() { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire() } }
            : new() { OpenLane = new() { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire(), Kind = LaneKind.Contact } };
        await link.Stream.AskAsync(lane, cancellationToken).ConfigureAwait(false);
        byte[][] token = [Bytes32.HashOf(contact.Token.ToArray()).ToArray()];
        await link.Relay.Accounts.ChangeContactTokensAsync(link.State.Signer, isBlocked ? new([], token) : new(token, []), cancellationToken).ConfigureAwait(false);
        await link.State.ChangeAsync(conversation, before => before.IsBlocked == isBlocked ? before with { LaneIsStale = false } : before, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next read capability; the old one dies when it is first used.</summary>
    private async Task RekeyAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        var record = conversation.Record;
        var rekey = new Rekey
        {
            Channel = record.Channel.ToWire(),
            Mailbox = record.Mailbox.ToWire(),
            ReadCapability = record.ReadCapability.ToWire(),
            NewReadCapabilityHash = record.NextReadCapability!.Value.HashToWire(),
        };
        await link.Stream.AskAsync(new() { Rekey = rekey }, cancellationToken).ConfigureAwait(false);
        await link.State.ChangeAsync(
            conversation, before => before with
            {
                ReadCapability = before.NextReadCapability!.Value,
                NextReadCapability = null,
                RekeyIsDue = false,
                OldReadCapabilities = [before.ReadCapability, .. before.OldReadCapabilities.Take(MostReadCapabilities - 1)],
            }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An own commit is stored, posted, and takes effect when it comes back. One that lost is made anew when it is still due.</summary>
    private async Task UpdateKeysAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (_updates.IsDue(conversation))
        {
            using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_updates.IsDue(conversation))
                    await _updates.PrepareAsync(conversation).ConfigureAwait(false);
            }
        }

        if (conversation.Record.PendingCommit is not { } post || !conversation.IsCaughtUp || _committing.ContainsKey(conversation.Record.Id))
            return;
        _committing[conversation.Record.Id] = post;
        try
        {
            await link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(post) }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Restored)
        {
            // For a day a restored relay takes back what it lost and nothing new; messages go on.
            link.WakeAt(link.State.Time.GetUtcNow() + RestoredPause);
        }
        catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Stale or RelayProblem.Refused)
        {
            // Another commit won the number and is on its way here; it ends this one.
        }

        _committing.TryRemove(new(conversation.Record.Id, post));
    }

    private async Task ReportAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (conversation.Record.Unreported.Length == 0)
            return;
        DateTimeOffset? due;
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            due = await link.Reports.WriteDueAsync(conversation).ConfigureAwait(false);
        if (due is { } later)
            link.WakeAt(later);
    }

    /// <summary>The own first entry: lists, profile, and how to reach this account. Lane and token are opened before it leaves.</summary>
    private async Task GreetAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        var contact = conversation.Record.Contact;
        if (!contact.IsOpen)
        {
            var intro = link.State.Relays[link.Fingerprint].Intro;
            var lane = new OpenLane { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire(), Kind = LaneKind.Contact };
            await link.Stream.AskAsync(new() { OpenLane = lane }, cancellationToken).ConfigureAwait(false);
            await link.Relay.Accounts.ChangeContactTokensAsync(link.State.Signer, new ContactTokensRequest([Bytes32.HashOf(contact.Token.ToArray()).ToArray()], []), cancellationToken).ConfigureAwait(false);
        }

        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var account = link.State.RequireAccount();
            var number = Math.Max(account.Record.ProfileNumber + 1, (ulong)link.State.Time.GetUtcNow().ToUnixTimeMilliseconds());
            var profile = new Accounts.Profile(account.Id, account.Device, number, account.Name).Sign(account.DeviceKey);
            var introduction = new Introduction(account.Record.Lists, profile, contact.Token, contact.Lane);
            await link.Contents.WriteHiddenAsync(
                conversation, ContentTypes.Introduction, introduction.Encode(),
                record => record with { HelloIsWritten = true, Contact = contact with { IsOpen = true } }).ConfigureAwait(false);
            if (conversation.Record.IsOwn)
                link.State.Raise(new ConversationStarted(new(link.State, conversation)));
        }
    }
}
