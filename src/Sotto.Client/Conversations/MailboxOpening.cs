using Google.Protobuf;
using Sotto.Client.Receiving;
using Sotto.Client.Relays;
using Sotto.Client.Repairing;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Conversations;

/// <summary>
/// Opens a conversation's mailbox on a connection: claimed with the token of the Welcome the first time, brought back when the
/// relay was restored, and its note replaced before anything is posted or acknowledged.
/// </summary>
internal sealed class MailboxOpening(RelayLink link)
{
    private readonly Receiver _receiver = new(link.State, link.Contents, link.Relay.IdentityKey);

    public async Task ClaimAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        try
        {
            await ClaimAsync(conversation.Record, conversation.Record.ClaimToken!.Value, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Conflict or RelayProblem.Refused)
        {
            // Somebody else claimed it, or it died unclaimed.
            await LoseAsync(conversation, refused.Problem == RelayProblem.Conflict, cancellationToken).ConfigureAwait(false);
            return;
        }

        await link.State.ChangeAsync(conversation, before => before with { ClaimToken = null, OldClaimToken = before.ClaimToken }, cancellationToken).ConfigureAwait(false);
    }

    private Task<Frame> ClaimAsync(ConversationRecord record, Bytes32 token, CancellationToken cancellationToken)
    {
        var claim = new Claim
        {
            Channel = record.Channel.ToWire(),
            Mailbox = record.Mailbox.ToWire(),
            ClaimToken = token.ToWire(),
            ReadCapabilityHash = record.ReadCapability.HashToWire(),
        };
        return link.Stream.AskAsync(new() { Claim = claim }, cancellationToken);
    }

    public async Task OpenAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (await OpenMailboxAsync(conversation, cancellationToken).ConfigureAwait(false) is not { } answer)
            return;
        var isBehind = HasReadFurther(conversation.Record, answer.Subscribed);
        if (conversation.Record.IsRestoring && !isBehind && !await BringBackAsync(conversation, answer.Subscribed, cancellationToken).ConfigureAwait(false))
        {
            link.Subscriptions.Add(answer.Subscribed.Subscription, Subscriber.Nobody);
            return;
        }

        var isOurs = await ReplaceNoteAsync(conversation, answer.Subscribed.Note, isBehind, cancellationToken).ConfigureAwait(false);
        conversation.Subscription = answer.Subscribed.Subscription;
        conversation.NumberAtRelay = answer.Subscribed.Number;
        conversation.Head = isOurs ? answer.Subscribed.Head : ulong.MaxValue;
        link.Subscriptions.Add(answer.Subscribed.Subscription, isOurs ? new(conversation) : Subscriber.Nobody);
    }

    /// <summary>
    /// With the read capability of now. A relay that was restored may know an earlier one, which then is changed again, or have
    /// the mailbox unclaimed. Null when it knows neither: the conversation is gone there.
    /// </summary>
    private async Task<Frame?> OpenMailboxAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        var record = conversation.Record;
        if (!record.IsRestoring)
            return await SubscribeOrLoseAsync(conversation, cancellationToken).ConfigureAwait(false);
        foreach (var capability in (Bytes32[])[record.ReadCapability, .. record.NextReadCapability is { } next ? [next] : (Bytes32[])[], .. record.OldReadCapabilities])
        {
            if (await TryAsync(() => SubscribeAsync(record, capability, cancellationToken)).ConfigureAwait(false) is not { } opened)
                continue;
            if (capability != record.ReadCapability)
            {
                await link.State.ChangeAsync(
                    conversation,
                    before => before with { ReadCapability = capability, NextReadCapability = Fresh.ThirtyTwo(link.State.Crypto), RekeyIsDue = true }, cancellationToken).ConfigureAwait(false);
            }

            return opened;
        }

        if (record.OldClaimToken is { } token && await TryAsync(() => ClaimAsync(record, token, cancellationToken)).ConfigureAwait(false) is not null)
            return await SubscribeAsync(record, record.ReadCapability, cancellationToken).ConfigureAwait(false);
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            await _receiver.DieAsync(conversation).ConfigureAwait(false);
        return null;
    }

    /// <summary>A relay that was not restored and does not know the read capability has given the mailbox to somebody else.</summary>
    private async Task<Frame?> SubscribeOrLoseAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        try
        {
            return await SubscribeAsync(conversation.Record, conversation.Record.ReadCapability, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Refused)
        {
            await LoseAsync(conversation, isTaken: true, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>The mailbox is not ours any more, while the leaf is: only a new leaf brings a new one.</summary>
    private async Task LoseAsync(ConversationState conversation, bool isTaken, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (isTaken)
                link.State.Raise(new NoticeRaised(new(link.State, conversation), NoticeKind.MailboxTaken));
            if (conversation.Record.IsRestoring)
                await _receiver.DieAsync(conversation).ConfigureAwait(false);
            else
                await RepairAsking.BeginAsync(link.State, conversation).ConfigureAwait(false);
        }
    }

    private Task<Frame> SubscribeAsync(ConversationRecord record, Bytes32 capability, CancellationToken cancellationToken)
    {
        var subscribe = new Subscribe { Channel = record.Channel.ToWire(), Mailbox = record.Mailbox.ToWire(), ReadCapability = capability.ToWire() };
        return link.Stream.AskAsync(new() { Subscribe = subscribe }, cancellationToken);
    }

    /// <summary>Null when the relay refuses.</summary>
    private static async Task<Frame?> TryAsync(Func<Task<Frame>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (!refused.IsPassing)
        {
            return null;
        }
    }

    /// <summary>
    /// A restored relay gets back the commits that it lost, with its own receipts, and what the other has not seen. Whoever comes
    /// first does it: what is there already is refused, and content that comes twice is dropped by its counter.
    /// </summary>
    /// <returns>False when too much is lost: the channel is dead.</returns>
    private async Task<bool> BringBackAsync(ConversationState conversation, Subscribed subscribed, CancellationToken cancellationToken)
    {
        var record = conversation.Record;
        var lost = await new CommitReceipts(link.State).AboveAsync(record, subscribed.Number).ConfigureAwait(false);
        if (subscribed.Number + (ulong)lost.Count < conversation.Group.Epoch.Value)
        {
            using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
                await _receiver.DieAsync(conversation).ConfigureAwait(false);
            return false;
        }

        foreach (var post in lost)
            await TryAsync(() => link.Stream.AskAsync(new() { Post = post }, cancellationToken)).ConfigureAwait(false);
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!record.IsReadOnly)
                await link.Contents.SendAgainAsync(conversation).ConfigureAwait(false);
            var changed = conversation.Record with
            {
                IsRestoring = false,
                Processed = subscribed.Acknowledged,
                ReadBefore = Math.Max(conversation.Record.ReadBefore, subscribed.Head),
            };
            await link.State.CommitAsync(ClientState.Save(new(), changed)).ConfigureAwait(false);
            conversation.Record = changed;
        }

        return true;
    }

    /// <summary>
    /// Before anything is posted or acknowledged: the note there says whether this store is the newest one. An old copy
    /// would use keys a second time, so it reads and writes nothing more. A copy that was made since the note was replaced is known by
    /// what was acknowledged: nothing is before it is stored.
    /// </summary>
    private async Task<bool> ReplaceNoteAsync(ConversationState conversation, ByteString note, bool isBehind, CancellationToken cancellationToken)
    {
        var (record, seed) = (conversation.Record, link.State.RequireAccount().Record.DeviceSeed);
        var theirs = note.IsEmpty ? 0 : MailboxNote.Open(link.State.Crypto, seed, record.Relay, record.Mailbox, note.Span);
        if (theirs is null)
            link.State.Raise(new NoticeRaised(new(link.State, conversation), NoticeKind.NoteForeign));
        if (theirs > record.NoteCounter || isBehind)
            return await StopAsync(conversation, Math.Max(theirs ?? 0, record.NoteCounter), cancellationToken).ConfigureAwait(false);
        var next = record.NoteCounter + 1;
        await link.State.ChangeAsync(conversation, before => before with { NoteCounter = next }, cancellationToken).ConfigureAwait(false);
        var request = new SetNote
        {
            Channel = record.Channel.ToWire(),
            Mailbox = record.Mailbox.ToWire(),
            ReadCapability = record.ReadCapability.ToWire(),
            OldNoteHash = note.IsEmpty ? ByteString.Empty : Bytes32.HashOf(note.Span).ToWire(),
            Note = ByteString.CopyFrom(MailboxNote.Seal(link.State.Crypto, seed, record.Relay, record.Mailbox, next)),
        };
        try
        {
            await link.Stream.AskAsync(new() { SetNote = request }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Conflict)
        {
            return await StopAsync(conversation, next, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a mailbox that was only just claimed begins at is stored with the Welcome.</summary>
    private static bool HasReadFurther(ConversationRecord record, Subscribed subscribed) => subscribed.Acknowledged > Math.Max(record.Processed, record.ReadBefore);

    private async Task<bool> StopAsync(ConversationState conversation, ulong counter, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            await RepairAsking.BeginAsync(link.State, conversation, before => before with { IsReadOnly = true, NoteCounter = counter }).ConfigureAwait(false);
        await new CopiedProfile(link.State, link.Fingerprint).NoticeAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }
}
