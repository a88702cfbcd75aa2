using Sotto.Client.Accounts;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Repairing;
using Sotto.Client.Sending;
using Sotto.Client.Storage;
using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Client.Receiving;

/// <summary>
/// From an entry of a channel to what is stored: open, apply, save in one transaction. The caller has entered, and acknowledges
/// afterwards. Seeing an entry twice is normal and harmless.
/// </summary>
internal sealed class Receiver(ClientState state, Contents contents, Bytes32 relayKey)
{
    private readonly CommitReceipts _receipts = new(state);

    public async Task ApplyAsync(ConversationState conversation, Entry entry)
    {
        if (entry.Sequence <= conversation.Record.Processed || conversation.IsStopped)
            return;
        try
        {
            await (entry.Kind switch
            {
                EntryKind.Application => ApplyMessageAsync(conversation, entry),
                EntryKind.Commit => ApplyCommitAsync(conversation, entry),
                EntryKind.Proposal => ApplyProposalAsync(conversation, entry),
                _ => SkipAsync(conversation, entry, null),
            }).ConfigureAwait(false);
        }
        catch (MlsException lost) when (entry.Kind == EntryKind.Commit && entry.Number == conversation.Group.Epoch.Value + 1 && IsLostHereAlone(lost))
        {
            // It opens and holds, but its secret was not for this device.
            await RepairAsking.BeginAsync(state, conversation).ConfigureAwait(false);
        }
        catch (MlsException) when (entry.Kind == EntryKind.Commit && entry.Number == conversation.Group.Epoch.Value + 1)
        {
            // The relay has moved on by a commit that no member can follow.
            await DieAsync(conversation).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is MlsException or ContentException)
        {
            // What was read before the relay was restored comes again, and its keys are gone.
            var notice = refused is MlsException { Rule: MlsRule.SenderDataOpens or MlsRule.CiphertextOpens } ? NoticeKind.ForkHint : NoticeKind.NotOpened;
            await SkipAsync(conversation, entry, entry.Sequence <= conversation.Record.ReadBefore ? null : notice).ConfigureAwait(false);
        }
    }

    private static bool IsLostHereAlone(MlsException refused) =>
        refused.Rule is MlsRule.PathSecretOpens or MlsRule.PathSecretLength or MlsRule.PathPublicKeys;

    private async Task ApplyMessageAsync(ConversationState conversation, Entry entry)
    {
        if (FindOwn(conversation, entry) is { } order)
        {
            await ApplyEchoAsync(conversation, entry, order).ConfigureAwait(false);
            return;
        }

        if (conversation.IsForeignTag(entry.Number, entry.EpochTag.Span))
        {
            await SkipAsync(conversation, entry, entry.Sequence <= conversation.Record.ReadBefore ? null : NoticeKind.ForkHint).ConfigureAwait(false);
            return;
        }

        using var received = conversation.Group.Receive(MlsMessage.Decode(entry.Payload.Span));
        if (received is not ReceivedApplication application || state.Credentials.Find(application.SenderLeaf) is not { } sender)
            throw new ContentException(ContentError.Malformed);
        if (application.SenderLeaf.SignatureKey.Span.SequenceEqual(conversation.Group.OwnLeaf.SignatureKey.Span))
        {
            // Signed here, of a generation that comes next here, and not known: this store is an old copy, or runs twice.
            await RepairAsking.BeginAsync(state, conversation, before => before with { IsReadOnly = true }).ConfigureAwait(false);
            return;
        }

        var changes = new StoreChanges().Add(conversation.Group.GroupId, application.Change);
        var step = await ReadAsync(conversation, entry, application, sender, changes).ConfigureAwait(false);
        ClientState.Save(changes, step.Record);
        await state.CommitAsync(changes).ConfigureAwait(false);
        application.Merge();
        conversation.Record = step.Record;
        step.Announce(conversation);
    }

    private ulong? FindOwn(ConversationState conversation, Entry entry)
    {
        var hash = Bytes32.HashOf(entry.Payload.Span);
        foreach (var (order, row) in state.Outbox)
        {
            if (row.PayloadHash == hash && row.Conversation == conversation.Record.Id)
                return order;
        }

        return null;
    }

    /// <summary>An own post came back: its place is known, and it leaves the outbox.</summary>
    private async Task ApplyEchoAsync(ConversationState conversation, Entry entry, ulong order)
    {
        var row = state.Outbox[order];
        var record = conversation.Record with { Processed = entry.Sequence };
        var changes = ClientState.Save(new(), record).Delete(ClientState.OutboxKey(order));
        if (Contents.CounterOf(row.Content) is var counter && counter > record.SeenByPeer)
            changes.Save(ClientState.UnseenKey(record.Id, counter), new UnseenContent { Content = row.Content, Place = row.Place }, StoreJson.Default.UnseenContent);
        MessageRecord? message = null;
        if (row.Place is { } place && await state.FindMessageAsync(record.Id, place).ConfigureAwait(false) is { } stored)
        {
            message = stored with { Sequence = entry.Sequence, Epoch = row.Epoch, Status = stored.Status == MessageStatus.Waiting ? MessageStatus.Sent : stored.Status };
            ClientState.Save(changes, record.Id, place, message);
        }

        await state.CommitAsync(changes).ConfigureAwait(false);
        state.Outbox.Remove(order);
        conversation.Record = record;
        if (message is not null)
            state.Raise(new MessageChanged(new(state, conversation), new(state, conversation.Record, row.Place!.Value, message)));
    }

    private sealed record Step(ConversationRecord Record, List<Func<ConversationState, ClientEvent>> Events, ClientState State)
    {
        public void Announce(ConversationState conversation)
        {
            foreach (var make in Events)
                State.Raise(make(conversation));
        }
    }

    /// <summary>What a content changes. A repeat of a counter changes nothing but the place in the channel.</summary>
    private async Task<Step> ReadAsync(ConversationState conversation, Entry entry, ReceivedApplication application, MemberCredential sender, StoreChanges changes)
    {
        var record = conversation.Record with { Processed = entry.Sequence };
        var step = new Step(record, [], state);
        MimiContent content;
        try
        {
            content = MimiContent.Decode(application.Data);
        }
        catch (ContentException)
        {
            return Notice(step, NoticeKind.NotShown);
        }

        var counter = (ulong)Math.Max(0, content.Extensions.FindNumber(ContentFields.Counter) ?? 0);
        var last = record.PeerCounters.FirstOrDefault(known => known.Device == sender.Device);
        if (last is not null && counter <= last.Last)
            return step;
        if (last is not null && counter > last.Last + 1)
            step = Notice(step, NoticeKind.MessagesMissing, counter - last.Last - 1);
        step = step with { Record = record with { PeerCounters = [.. record.PeerCounters.Where(known => known.Device != sender.Device), new(sender.Device, counter)] } };
        if (record.IsBlocked)
            return step;
        return content.Body switch
        {
            SinglePart { ContentType: ContentTypes.Introduction } introduction => ReadIntroduction(step, introduction, sender),
            SinglePart { ContentType: ContentTypes.Status } report => await ReadReportAsync(step, report, changes).ConfigureAwait(false),
            SinglePart { ContentType: ContentTypes.Text or ContentTypes.PlainText } => await AddMessageAsync(step, entry, application, sender, content, changes).ConfigureAwait(false),
            _ => Notice(step, NoticeKind.NotShown),
        };
    }

    private async Task<Step> AddMessageAsync(Step step, Entry entry, ReceivedApplication application, MemberCredential sender, MimiContent content, StoreChanges changes)
    {
        var encoded = application.Data.ToArray();
        var place = step.Record.NextPlace;
        var id = contents.IdOf(step.Record, sender.Account, content, encoded).Bytes.ToArray();
        if (await state.FindPlaceAsync(step.Record.Id, id).ConfigureAwait(false) is not null)
        {
            // Sent again under a new leaf or in a new group: it is here, and the sender is told so again.
            return step.Record.Unreported.Any(report => report.Message.AsSpan().SequenceEqual(id))
                ? step
                : step with { Record = step.Record with { Unreported = [.. step.Record.Unreported, new(id, false)] } };
        }

        var message = new MessageRecord
        {
            Content = encoded,
            Id = id,
            Status = MessageStatus.Received,
            SentAt = content.Extensions.FindNumber(ContentFields.SentAt) ?? 0,
            Sequence = entry.Sequence,
            Epoch = application.Epoch.Value,
        };
        ClientState.Save(changes, step.Record.Id, place, message);
        changes.Save(ClientState.PlaceKey(step.Record.Id, message.Id), StoreChanges.Order(place));
        step.Events.Add(conversation => new MessageReceived(new(state, conversation), new(state, conversation.Record, place, message)));
        return step with { Record = step.Record with { NextPlace = place + 1, Unreported = [.. step.Record.Unreported, new(message.Id, false)] } };
    }

    private Step ReadIntroduction(Step step, SinglePart part, MemberCredential sender)
    {
        if (Introduction.Decode(part.Content.Span) is not { } introduction || introduction.VerifiedProfile(state.Crypto, sender) is not { } profile)
            return Notice(step, NoticeKind.NotShown);
        var isFirst = step.Record.PeerContact is null;
        var record = step.Record with { PeerContact = new(introduction.ContactToken, introduction.Lane) };
        if (profile.Number > record.PeerProfile)
            record = record with { PeerName = profile.Name, PeerProfile = profile.Number };
        if (isFirst && !record.IsOwn)
            step.Events.Add(conversation => new ConversationStarted(new(state, conversation)));
        return step with { Record = record };
    }

    private async Task<Step> ReadReportAsync(Step step, SinglePart part, StoreChanges changes)
    {
        if (StatusReport.Decode(part.Content.Span) is not { } report)
            return Notice(step, NoticeKind.NotShown);
        // What names a counter that was never used here speaks of another copy of this device.
        var seen = report.Seen > step.Record.Counter ? 0 : report.Seen;
        for (var counter = step.Record.SeenByPeer + 1; counter <= seen; counter++)
            changes.Delete(ClientState.UnseenKey(step.Record.Id, counter));
        step = step with { Record = step.Record with { SeenByPeer = Math.Max(step.Record.SeenByPeer, seen) } };
        foreach (var (id, isRead) in report.Reports)
        {
            var status = isRead ? MessageStatus.Read : MessageStatus.Delivered;
            if (await state.FindPlaceAsync(step.Record.Id, id.Bytes.ToArray()).ConfigureAwait(false) is not { } place
                || await state.FindMessageAsync(step.Record.Id, place).ConfigureAwait(false) is not { } message
                || message.Status == MessageStatus.Received || message.Status >= status)
                continue;
            var changed = message with { Status = status };
            ClientState.Save(changes, step.Record.Id, place, changed);
            step.Events.Add(conversation => new MessageChanged(new(state, conversation), new(state, conversation.Record, place, changed)));
        }

        return step;
    }

    private async Task ApplyCommitAsync(ConversationState conversation, Entry entry)
    {
        var group = conversation.Group;
        if (entry.Number <= group.Epoch.Value)
        {
            await (await _receipts.IsForkAsync(conversation.Record, entry).ConfigureAwait(false) ? DieAsync(conversation) : SkipAsync(conversation, entry, null)).ConfigureAwait(false);
            return;
        }

        using var received = group.Receive(MlsMessage.Decode(entry.Payload.Span));
        if (received is ReceivedCommit { RemovesOwn: true })
        {
            // Another copy of this device took the leaf, or an older request of this one was answered.
            await RepairAsking.BeginAsync(state, conversation).ConfigureAwait(false);
            return;
        }

        if (received is not ReceivedCommit commit || entry.Commit is not { } facts
            || !facts.NextWriteCapabilityHash.Equals(ChannelKeys.NextWriteCapability(commit, conversation.Record.Channel).HashToWire()))
        {
            await DieAsync(conversation).ConfigureAwait(false);
            return;
        }

        // Another's commit that came first ends an own one; what it was for is looked at again.
        var record = commit.IsOwn
            ? KeyUpdates.Updated(conversation.Record, state.Time.GetUtcNow()) with { Processed = entry.Sequence, RekeyIsDue = conversation.Record.NextReadCapability is not null }
            : conversation.Record with { Processed = entry.Sequence, PendingCommit = null, NextReadCapability = conversation.Record.RekeyIsDue ? conversation.Record.NextReadCapability : null };
        var changes = new StoreChanges().Add(group.GroupId, commit.Change);
        EpochHistory.Keep(group, changes);
        (record, var founding) = WithRepairs(record, entry, commit);
        ClientState.Save(changes, record);
        if (founding is not null)
            _ = founding.Stage == FoundingStage.Committing ? changes.Delete(ClientState.FoundingKey(record.Id)) : ClientState.Save(changes, founding);
        var expected = MailboxChanges.Of(
            state.Crypto, ConversationContext.From(commit.View.Before.Context.Extensions)!.MailboxKey, commit.View.Before, commit.View.Proposals.Select(sent => sent.Proposal));
        var isProven = _receipts.Holds(relayKey, record.Channel, entry);
        if (isProven)
            _receipts.Keep(record, group, entry, changes);
        await state.CommitAsync(changes).ConfigureAwait(false);
        commit.Merge();
        conversation.Record = record;
        if (founding?.Stage == FoundingStage.Uploading)
            state.Foundings[record.Id] = founding;
        else if (founding is not null)
            state.Foundings.TryRemove(record.Id, out _);
        if (!commit.IsOwn)
            state.Raise(new NoticeRaised(new(state, conversation), NoticeKind.KeysRenewed));
        if (!isProven)
            state.Raise(new NoticeRaised(new(state, conversation), NoticeKind.ReceiptRefused));
        if (!MailboxesHold(facts, expected))
            state.Raise(new NoticeRaised(new(state, conversation), NoticeKind.MailboxesDiffer));
        if (facts.Dropped.Any(dropped => dropped.AsSixteen() == record.Mailbox))
            await RepairAsking.BeginAsync(state, conversation).ConfigureAwait(false);
    }

    /// <summary>
    /// A leaf that was added counts anew, and gets again what it may not have. The answer to a repair request goes on when its
    /// commit won, and is made anew when it lost.
    /// </summary>
    private (ConversationRecord Record, FoundingRecord? Founding) WithRepairs(ConversationRecord record, Entry entry, ReceivedCommit commit)
    {
        var added = commit.View.Proposals.Select(sent => sent.Proposal).OfType<AddProposal>()
            .Select(add => state.Credentials.Find(add.KeyPackage.LeafNode)?.Device).ToHashSet();
        if (added.Count > 0 && entry.Number > 1)
            record = record with { PeerCounters = [.. record.PeerCounters.Where(counter => !added.Contains(counter.Device))], SendsAgain = true };
        if (state.Foundings.GetValueOrDefault(record.Id) is not { Repair: { } repair, Stage: FoundingStage.Committing } founding)
            return (record, null);
        if (!commit.IsOwn)
            return (record, founding);
        var now = state.Time.GetUtcNow().ToUnixTimeSeconds();
        record = record with
        {
            RepairsAsked = [.. record.RepairsAsked.Where(asked => asked.Device != repair.Device || asked.Number > repair.Number)],
            RepairsAnswered = [.. record.RepairsAnswered.Where(answered => answered.Device != repair.Device), new(repair.Device, repair.Number, now)],
        };
        return (record, founding with { Stage = FoundingStage.Uploading, CommitSequence = entry.Sequence });
    }

    /// <summary>Whether the relay was told of the mailboxes that the members know of. Who lost theirs without reason asks for repair.</summary>
    private static bool MailboxesHold(CommitFacts facts, MailboxChanges expected) =>
        facts.Added.Select(added => added.Mailbox.AsSixteen()).SequenceEqual(expected.Added.Select(id => (Bytes16?)id))
        && facts.Dropped.Select(dropped => dropped.AsSixteen()).SequenceEqual(expected.Dropped.Select(id => (Bytes16?)id))
        && facts.Cut == expected.Cut;

    private async Task ApplyProposalAsync(ConversationState conversation, Entry entry)
    {
        using var received = conversation.Group.Receive(MlsMessage.Decode(entry.Payload.Span));
        if (received is not ReceivedProposal)
            throw new ContentException(ContentError.Malformed);
        var record = conversation.Record with { Processed = entry.Sequence };
        await state.CommitAsync(ClientState.Save(new StoreChanges().Add(conversation.Group.GroupId, received.Change), record)).ConfigureAwait(false);
        received.Merge();
        conversation.Record = record;
    }

    /// <summary>Nothing after this is read or sent in the channel. Told once. The caller has entered.</summary>
    public async Task DieAsync(ConversationState conversation)
    {
        var record = conversation.Record with { IsDead = true, IsReadOnly = false, Repair = null, IsRestoring = false, PendingCommit = null };
        await state.CommitAsync(ClientState.Save(new(), record).Delete(ClientState.FoundingKey(record.Id))).ConfigureAwait(false);
        conversation.Record = record;
        state.Foundings.TryRemove(record.Id, out _);
        state.Raise(new NoticeRaised(new(state, conversation), NoticeKind.ChannelDead));
    }

    private async Task SkipAsync(ConversationState conversation, Entry entry, NoticeKind? notice)
    {
        var record = conversation.Record with { Processed = entry.Sequence };
        await state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
        conversation.Record = record;
        if (notice is { } kind)
            state.Raise(new NoticeRaised(new(state, conversation), kind));
    }

    private Step Notice(Step step, NoticeKind kind, ulong count = 0)
    {
        step.Events.Add(conversation => new NoticeRaised(new(state, conversation), kind, count));
        return step;
    }
}
