using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Storage;
using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Repairing;

/// <summary>
/// A contact's Welcome into the conversation that there is: this device is taken in again, or the conversation is reset. It lies in the
/// store until the channel of now was read as far as it can be followed.
/// </summary>
internal sealed class Offers(ClientState state)
{
    private readonly EpochHistory _history = new(state);
    private readonly GroupReplacement _replacement = new(state);

    /// <summary>Adds one to the changes that note that it came.</summary>
    public static ConversationRecord Keep(StoreChanges changes, ConversationRecord record, Bytes32 hash, ReadOnlySpan<byte> part, ReadOnlySpan<byte> info)
    {
        changes.Save(new(StoreTable.Offers, record.Id.ToArray(), hash.ToArray()), new TlsWriter().Vector(part).Vector(info).ToArray());
        return record with { HasOffers = true };
    }

    /// <summary>Looks at all that wait; each is taken or refused once.</summary>
    public async Task TakeAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var stored in await state.Store.ReadAsync(StoreTable.Offers, conversation.Record.Id.ToArray(), cancellationToken).ConfigureAwait(false))
                await TakeAsync(conversation, stored).ConfigureAwait(false);
            var record = conversation.Record with { HasOffers = false };
            await state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            conversation.Record = record;
        }
    }

    private async Task TakeAsync(ConversationState conversation, StoredRecord stored)
    {
        var reader = new TlsReader(stored.Value);
        var part = WelcomePart.Decode(reader.Vector())!;
        var info = reader.Vector().ToArray();
        var done = new StoreChanges().Delete(stored.Key);
        var name = new RecordKey(StoreTable.KeyPackages, default, part.Secrets.NewMember.ToArray());
        if (await state.Store.FindAsync(name).ConfigureAwait(false) is not { } package)
        {
            await RefuseAsync(conversation, done, NoticeKind.WelcomeRefused).ConfigureAwait(false);
            return;
        }

        using var keys = KeyPackageKeys.Decode(package);
        if (Join(conversation, part, info, keys) is not { } joined)
        {
            await RefuseAsync(conversation, done, NoticeKind.WelcomeRefused).ConfigureAwait(false);
            return;
        }

        using (joined)
        {
            joined.Merge();
            if (!keys.KeyPackage.IsLastResort)
                done.Delete(name);
            await DecideAsync(conversation, part, joined, done).ConfigureAwait(false);
        }
    }

    private PreparedGroup? Join(ConversationState conversation, WelcomePart part, byte[] info, KeyPackageKeys keys)
    {
        state.PreSharedKeys.Asked.Clear();
        conversation.Rejoins = RepairMark.From(keys.KeyPackage.LeafNode) is { } mark && mark.Group.Span.SequenceEqual(conversation.Record.Group);
        try
        {
            return state.Mls.Join(part.ToWelcome(info), keys);
        }
        catch (MlsException)
        {
            return null;
        }
        finally
        {
            conversation.Rejoins = false;
        }
    }

    private async Task DecideAsync(ConversationState conversation, WelcomePart part, PreparedGroup joined, StoreChanges done)
    {
        var context = ConversationContext.From(joined.Group.Context.Extensions);
        var isOurs = context is { Kind: ConversationKind.Pair } && IsOfContact(conversation, part, joined.Group, context);
        var verdict = !isOurs ? Verdict.Refused
            : IsRepair(conversation, joined.Group, context!) ? Verdict.Taken
            : await JudgeResetAsync(conversation, joined.Group, context!).ConfigureAwait(false);
        if (verdict == Verdict.Taken)
        {
            await AcceptAsync(conversation, part, joined, context!, done).ConfigureAwait(false);
            return;
        }

        joined.Group.Dispose();
        await RefuseAsync(conversation, done, verdict == Verdict.Refused ? NoticeKind.WelcomeRefused : null).ConfigureAwait(false);
    }

    private enum Verdict
    {
        Refused,

        /// <summary>Another reset of the same group counts.</summary>
        Passed,

        Taken,
    }

    /// <summary>Both accounts and nobody else, in this conversation at this relay; MLS has checked that a leaf signed which is not ours.</summary>
    private bool IsOfContact(ConversationState conversation, WelcomePart part, MlsGroup group, ConversationContext context)
    {
        var now = ConversationContext.From(conversation.Group.Context.Extensions)!;
        return context.Id == conversation.Record.Id && context.Relay == conversation.Record.Relay && context.Channel == part.Channel
            && context.Roles.SequenceEqual(now.Roles) && context.PolicyVersion >= now.PolicyVersion
            && state.PreSharedKeys.Asked.Count == 0 && state.Policy.IsWhole(group)
            && group.Members.Select(member => state.Credentials.Find(member.Leaf)!).Where(member => member.Account != state.RequireAccount().Id)
                .Select(member => member.Account.Value).Distinct().SequenceEqual([conversation.Record.Peer]);
    }

    /// <summary>The same group and channel, later, with an own leaf that an own request brought.</summary>
    private static bool IsRepair(ConversationState conversation, MlsGroup group, ConversationContext context)
    {
        var now = ConversationContext.From(conversation.Group.Context.Extensions)!;
        return group.GroupId == conversation.Group.GroupId && !conversation.Record.IsDead
            && context.Channel == now.Channel && context.MailboxKey == now.MailboxKey
            && RepairMark.From(group.OwnLeaf) is { } mark && mark.Group.Span.SequenceEqual(conversation.Record.Group) && mark.Number <= conversation.Record.RepairNumber
            && mark.Number > (RepairMark.From(conversation.Group.OwnLeaf)?.Number ?? 0);
    }

    /// <summary>
    /// From an owner of the newest epoch that was verified, who was in the group whose place it takes: the epochs that are known here
    /// are right. Of two the rule decides.
    /// </summary>
    private async Task<Verdict> JudgeResetAsync(ConversationState conversation, MlsGroup group, ConversationContext context)
    {
        var record = conversation.Record;
        if (context.Reset is not { } reset || group.Epoch.Value != 1 || !ResetChain.Contains(record, reset.OldGroup.Span))
            return Verdict.Refused;
        var old = reset.OldGroup.ToArray();
        var now = ConversationContext.From(conversation.Group.Context.Extensions)!;
        if (!now.IsOwner(new(record.Peer)) || !EpochHistory.Proves(await _history.ReadAsync(conversation, old).ConfigureAwait(false), reset.Last))
            return Verdict.Refused;
        var offered = new FormerGroup(group.GroupId.Bytes.ToArray(), record.Peer);
        return ResetChain.SuccessorOf(record, old) is not { } other || ResetChain.Precedes(now, offered, other) ? Verdict.Taken : Verdict.Passed;
    }

    private async Task AcceptAsync(ConversationState conversation, WelcomePart part, PreparedGroup joined, ConversationContext context, StoreChanges done)
    {
        var (group, record) = (joined.Group, conversation.Record);
        var isRepair = group.GroupId == conversation.Group.GroupId;
        var changed = _replacement.WithNewLeaf(record, LeafInfo.MailboxOf(state.Crypto, context.MailboxKey, group.OwnLeaf.EncryptionKey.Span)) with
        {
            Group = group.GroupId.Bytes.ToArray(),
            Channel = context.Channel,
            ClaimToken = part.ClaimToken,
            IsMade = true,
            Processed = part.CommitSequence,
        };
        if (!isRepair)
            changed = changed with { Founder = record.Peer, FormerGroups = ResetChain.UpTo(record, context.Reset!.OldGroup.Span), PeerCounters = [] };
        done.Delete(ClientState.FoundingKey(record.Id));
        var own = state.Relays[record.Relay] with { KeyPackagesCount = 0 };
        ClientState.Save(done, own);
        try
        {
            await _replacement.ReplaceAsync(conversation, group, joined.Change, changed, done).ConfigureAwait(false);
        }
        catch
        {
            group.Dispose();
            throw;
        }

        state.Foundings.TryRemove(record.Id, out _);
        state.Relays[record.Relay] = own;
        state.Raise(new NoticeRaised(new(state, conversation), isRepair ? NoticeKind.Repaired : NoticeKind.ConversationReset));
    }

    private async Task RefuseAsync(ConversationState conversation, StoreChanges done, NoticeKind? notice)
    {
        await state.CommitAsync(done).ConfigureAwait(false);
        if (notice is { } kind)
            state.Raise(new NoticeRaised(new(state, conversation), kind));
    }
}
