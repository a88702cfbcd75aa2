using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Receiving;
using Sotto.Client.Repairing;
using Sotto.Client.Sending;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Relays;

/// <summary>
/// One connection, from its first frame to its end. Two things happen at the same time: what is stored is looked at and what is
/// missing is done, and what the relay pushes is taken.
/// </summary>
internal sealed class RelayConnection(RelaySession session, RelayLink link)
{
    private readonly ConversationUpkeep _upkeep = new(link);
    private readonly OutboxPosting _posting = new(link);
    private readonly Receiver _receiver = new(link.State, link.Contents, link.Relay.IdentityKey);
    private bool _readsIntro;

    /// <summary>Whether everything that was to do was done at least once.</summary>
    public bool HasWorked { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(ended.Token);
        var working = WorkAsync(ended.Token);
        try
        {
            await (await Task.WhenAny(reading, working).ConfigureAwait(false)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new RelayUnreachableException("The stream to the relay has ended.");
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            link.Subscriptions.Cancel();
            await Task.WhenAll(reading, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var joiner = new Joiner(link);
        while (true)
        {
            await joiner.ReserveAsync(cancellationToken).ConfigureAwait(false);
            if (link.State.Relays.ContainsKey(link.Fingerprint))
                await WorkRegisteredAsync(joiner, cancellationToken).ConfigureAwait(false);
            HasWorked = true;
            await session.WokenAsync(cancellationToken).ConfigureAwait(false);
            if (link.MustReopen)
                throw new RelayUnreachableException("A channel is to be looked at anew.");
        }
    }

    private async Task WorkRegisteredAsync(Joiner joiner, CancellationToken cancellationToken)
    {
        await new Restoration(link.State, link.Fingerprint).NoticeAsync(link.Stream.Incarnation, cancellationToken).ConfigureAwait(false);
        var provisioning = new Provisioning(link.State, link.Relay, link.Stream);
        await provisioning.RunAsync(link.Fingerprint, cancellationToken).ConfigureAwait(false);
        await SubscribeIntroAsync(provisioning, cancellationToken).ConfigureAwait(false);
        await joiner.GoOnAsync(cancellationToken).ConfigureAwait(false);
        await new InvitePublisher(link.State, link.Relay, link.Stream, link.Fingerprint).RunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var conversation in Here())
            await _upkeep.RunAsync(conversation, cancellationToken).ConfigureAwait(false);
        await _posting.RunAsync(cancellationToken).ConfigureAwait(false);
        await provisioning.RefillKeyPackagesAsync(link.Fingerprint, cancellationToken).ConfigureAwait(false);
    }

    private List<ConversationState> Here() =>
        [.. link.State.Conversations.Values.Where(conversation => conversation.Record.Relay == link.Fingerprint && (conversation.Record.IsMade || link.State.Foundings.ContainsKey(conversation.Record.Id)))];

    private async Task SubscribeIntroAsync(Provisioning provisioning, CancellationToken cancellationToken)
    {
        if (_readsIntro)
            return;
        try
        {
            await SubscribeIntroAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Refused && link.State.Relays[link.Fingerprint].RestoredAt > 0)
        {
            await provisioning.MakeIntroChannelAgainAsync(link.Fingerprint, cancellationToken).ConfigureAwait(false);
            await SubscribeIntroAsync(cancellationToken).ConfigureAwait(false);
        }

        _readsIntro = true;
    }

    private async Task SubscribeIntroAsync(CancellationToken cancellationToken)
    {
        var intro = link.State.Relays[link.Fingerprint].Intro;
        var subscribe = new Subscribe { Channel = intro.Channel.ToWire(), Mailbox = intro.Mailbox.ToWire(), ReadCapability = intro.ReadCapability.ToWire() };
        var answer = await link.Stream.AskAsync(new() { Subscribe = subscribe }, cancellationToken).ConfigureAwait(false);
        link.Subscriptions.Add(answer.Subscribed.Subscription, Subscriber.Intro);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await foreach (var frame in link.Stream.ToldAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (frame.BodyCase)
            {
                case Frame.BodyOneofCase.Push:
                    await TakeAsync(frame.Push, cancellationToken).ConfigureAwait(false);
                    break;
                case Frame.BodyOneofCase.SubscriptionEnded when frame.SubscriptionEnded.Reason == EndReason.Replaced:
                    link.State.Raise(new NoticeRaised(null, NoticeKind.OpenedElsewhere));
                    return;
                case Frame.BodyOneofCase.SubscriptionEnded when frame.SubscriptionEnded.Reason == EndReason.Dropped:
                    await LoseMailboxAsync(frame.SubscriptionEnded.Subscription, cancellationToken).ConfigureAwait(false);
                    break;
                case Frame.BodyOneofCase.SubscriptionEnded or Frame.BodyOneofCase.Draining:
                    return;
            }
        }
    }

    /// <summary>A commit dropped the mailbox although its leaf lives, or the leaf of a device that was taken in again.</summary>
    private async Task LoseMailboxAsync(uint subscription, CancellationToken cancellationToken)
    {
        if ((await link.Subscriptions.FindAsync(subscription, cancellationToken).ConfigureAwait(false)).Conversation is not { } conversation)
            return;
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (conversation.Subscription == subscription)
                await RepairAsking.BeginAsync(link.State, conversation).ConfigureAwait(false);
        }

        link.Wake();
    }

    private async Task TakeAsync(Push push, CancellationToken cancellationToken)
    {
        var subscriber = await link.Subscriptions.FindAsync(push.Subscription, cancellationToken).ConfigureAwait(false);
        if (subscriber == Subscriber.Nobody)
            return;
        foreach (var entry in push.Entries)
        {
            if (subscriber.Conversation is not { } conversation)
            {
                await new WelcomeReceiver(link.State, link.Relay, link.Fingerprint).TakeAsync(entry, cancellationToken).ConfigureAwait(false);
                continue;
            }

            using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                // Another group may have taken the place of the one whose channel this is.
                if (conversation.Subscription != push.Subscription)
                    return;
                await _receiver.ApplyAsync(conversation, entry).ConfigureAwait(false);
                if (!conversation.IsStopped)
                    continue;
                link.Wake();
                return;
            }
        }

        var acknowledge = new Acknowledge { Subscription = push.Subscription, Sequence = push.Entries[^1].Sequence };
        await link.Stream.TellAsync(new() { Acknowledge = acknowledge }, cancellationToken).ConfigureAwait(false);
        link.Wake();
    }
}
