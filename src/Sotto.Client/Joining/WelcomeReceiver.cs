using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Client.Repairing;
using Sotto.Client.Storage;
using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Client.Joining;

/// <summary>
/// What comes through the intro channel: a Welcome under an own invite, checked against the own record of it and nothing that
/// the relay says (docs/protocol/joining.md), or what a contact sends through their lane: a repair request, or a Welcome into
/// the conversation that there is. Whatever does not hold is a notice and changes nothing.
/// </summary>
internal sealed class WelcomeReceiver(ClientState state, IRelay relay, Bytes16 fingerprint)
{
    /// <summary>Deals with one entry and stores that it was.</summary>
    public async Task TakeAsync(Entry entry, CancellationToken cancellationToken)
    {
        var own = state.Relays[fingerprint];
        if (entry.Sequence <= own.Intro.Processed)
            return;
        if (Open(own, entry) is { } found && await IsNewAsync(found.Hash).ConfigureAwait(false))
            await TakeAsync(entry, found, cancellationToken).ConfigureAwait(false);
        else if (OpenOfContact(own, entry) is { } sent && await IsNewAsync(sent.Hash).ConfigureAwait(false))
            await TakeAsync(entry, sent, cancellationToken).ConfigureAwait(false);
        else
            await SkipAsync(entry, null, cancellationToken).ConfigureAwait(false);
    }

    private sealed record Found(InviteRecord Invite, WelcomePart Part, Bytes32 Hash);

    private Found? Open(OwnRelay own, Entry entry)
    {
        var account = state.RequireAccount();
        var invite = state.Invites.Values.FirstOrDefault(candidate =>
            candidate.Relay == fingerprint && Bytes32.HashOf(KeysOf(candidate).Lane.ToArray()) == entry.LaneHash.AsThirtyTwo());
        if (invite is null)
            return null;
        var address = new IntroAddress(account.Id, account.Device, fingerprint, own.Intro.Channel);
        if (IntroSealing.Open(state.Crypto, address, own.Intro.PrivateKey, Bytes32.HashOf(KeysOf(invite).Lane.ToArray()), entry.Payload.Span) is not { Kind: WelcomePart.IntroKind } opened)
            return null;
        var hash = Bytes32.HashOf(opened.Body);
        return WelcomePart.Decode(opened.Body) is { } part && part.Relay == fingerprint ? new(invite, part, hash) : null;
    }

    private sealed record OfContact(ConversationState Conversation, byte Kind, byte[] Body, Bytes32 Hash);

    private OfContact? OpenOfContact(OwnRelay own, Entry entry)
    {
        var account = state.RequireAccount();
        var conversation = state.Conversations.Values.FirstOrDefault(candidate =>
            candidate.Record.Relay == fingerprint && !candidate.Record.IsBlocked && Bytes32.HashOf(candidate.Record.Contact.Lane.ToArray()) == entry.LaneHash.AsThirtyTwo());
        if (conversation is null)
            return null;
        var address = new IntroAddress(account.Id, account.Device, fingerprint, own.Intro.Channel);
        return IntroSealing.Open(state.Crypto, address, own.Intro.PrivateKey, Bytes32.HashOf(conversation.Record.Contact.Lane.ToArray()), entry.Payload.Span) is { } opened
            ? new(conversation, opened.Kind, opened.Body, Bytes32.HashOf(opened.Body))
            : null;
    }

    private async Task TakeAsync(Entry entry, OfContact sent, CancellationToken cancellationToken)
    {
        var part = sent.Kind == WelcomePart.IntroKind && WelcomePart.Decode(sent.Body) is { } welcome && welcome.Relay == fingerprint ? welcome : null;
        var info = part is null ? null : await FetchAsync(part, cancellationToken).ConfigureAwait(false);
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var changes = new StoreChanges().Save(HashKey(sent.Hash), [1]);
            var record = (sent.Kind, info) switch
            {
                (RepairRequest.IntroKind, _) => RepairAnswering.Take(state, sent.Conversation, sent.Body),
                (WelcomePart.IntroKind, not null) => Offers.Keep(changes, sent.Conversation.Record, sent.Hash, sent.Body, info),
                _ => null,
            };
            var own = Read(entry);
            ClientState.Save(changes, own);
            if (record is not null)
                ClientState.Save(changes, record);
            await state.CommitAsync(changes).ConfigureAwait(false);
            state.Relays[fingerprint] = own;
            if (record is null)
                state.Raise(new NoticeRaised(new(state, sent.Conversation), NoticeKind.WelcomeRefused));
            else
                Tell(sent.Conversation, record);
        }
    }

    private void Tell(ConversationState conversation, ConversationRecord record)
    {
        var dies = record.IsDead && !conversation.Record.IsDead;
        conversation.Record = record;
        if (dies)
            state.Raise(new NoticeRaised(new(state, conversation), NoticeKind.ChannelDead));
    }

    private InviteKeys KeysOf(InviteRecord invite) => InviteKeys.Derive(state.Crypto, state.RequireAccount().Id, invite.Relay, invite.Secret);

    private async Task<bool> IsNewAsync(Bytes32 hash) => await state.Store.FindAsync(HashKey(hash)).ConfigureAwait(false) is null;

    private async Task TakeAsync(Entry entry, Found found, CancellationToken cancellationToken)
    {
        if (await FetchAsync(found.Part, cancellationToken).ConfigureAwait(false) is not { } info)
        {
            await SkipAsync(entry, NoticeKind.WelcomeRefused, cancellationToken).ConfigureAwait(false);
            return;
        }

        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (found.Invite is { Uses: 1, State: InviteState.Used })
                await TakeSecondAsync(entry, found).ConfigureAwait(false);
            else if (found.Invite.State != InviteState.Open)
                await SkipInsideAsync(entry, NoticeKind.WelcomeRefused).ConfigureAwait(false);
            else
                await JoinAsync(entry, found, info).ConfigureAwait(false);
        }
    }

    private async Task<byte[]?> FetchAsync(WelcomePart part, CancellationToken cancellationToken)
    {
        try
        {
            var blob = await relay.Blobs.GetAsync(part.Channel, part.Blob, part.BlobCapability, cancellationToken).ConfigureAwait(false);
            return Bytes32.HashOf(blob) == part.BlobHash ? WelcomePart.DecodeBlob(blob) : null;
        }
        catch (RelayRefusedException refused) when (!refused.IsPassing)
        {
            return null;
        }
    }

    private async Task JoinAsync(Entry entry, Found found, byte[] info)
    {
        var name = found.Part.Secrets.NewMember.ToArray();
        var keyPackage = new RecordKey(StoreTable.KeyPackages, default, name);
        if (await state.Store.FindAsync(keyPackage).ConfigureAwait(false) is not { } stored)
        {
            await SkipInsideAsync(entry, NoticeKind.WelcomeRefused).ConfigureAwait(false);
            return;
        }

        using var keys = KeyPackageKeys.Decode(stored);
        state.PreSharedKeys.Asked.Clear();
        PreparedGroup joined;
        try
        {
            joined = state.Mls.Join(found.Part.ToWelcome(info), keys);
        }
        catch (MlsException)
        {
            await SkipInsideAsync(entry, NoticeKind.WelcomeRefused).ConfigureAwait(false);
            return;
        }

        using (joined)
        {
            joined.Merge();
            if (Check(found, joined.Group) is { } record)
                await StoreAsync(entry, found, joined, record, keys.KeyPackage.IsLastResort ? null : keyPackage).ConfigureAwait(false);
            else
                await RefuseAsync(entry, joined.Group).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What an inviter checks before its first entry: the own record says that the invite is open; the PSK is this invite's;
    /// handshake 1 of a new channel; a chat of two; own leaves and one other account's only; the id as derived. MLS has checked
    /// that a leaf signed that is not ours.
    /// </summary>
    private ConversationRecord? Check(Found found, MlsGroup group)
    {
        var own = state.RequireAccount();
        var context = ConversationContext.From(group.Context.Extensions);
        var others = group.Members.Select(member => state.Credentials.Find(member.Leaf)!).Where(member => member.Account != own.Id).ToList();
        var holds = context is { Kind: ConversationKind.Pair, Reset: null }
            && group.Epoch.Value == 1
            && state.PreSharedKeys.Asked.Contains(found.Invite.Id)
            && state.Policy.IsWhole(group)
            && others.Count == 1
            && context.Relay == fingerprint && context.Channel == found.Part.Channel
            && context.Id == ConversationContext.PairId(own.Id, others[0].Account)
            && !state.Conversations.ContainsKey(context.Id);
        if (!holds)
            return null;
        return new()
        {
            Id = context!.Id,
            Group = group.GroupId.Bytes.ToArray(),
            Relay = fingerprint,
            Channel = context.Channel,
            Mailbox = LeafInfo.MailboxOf(state.Crypto, context.MailboxKey, group.OwnLeaf.EncryptionKey.Span),
            ReadCapability = Fresh.ThirtyTwo(state.Crypto),
            ClaimToken = found.Part.ClaimToken,
            Processed = found.Part.CommitSequence,
            IsMade = true,
            Peer = others[0].Account.Value,
            PeerName = others[0].Account.ToString()[..8],
            Verification = found.Invite.Uses == 1 ? Verification.Invite : Verification.None,
            Invite = found.Invite.Id,
            Contact = new(Fresh.ThirtyTwo(state.Crypto), Fresh.ThirtyTwo(state.Crypto), false),
            NextPlace = 1,
            UpdatedAt = state.Time.GetUtcNow().ToUnixTimeSeconds(),
        };
    }

    private async Task StoreAsync(Entry entry, Found found, PreparedGroup prepared, ConversationRecord record, RecordKey? keyPackage)
    {
        try
        {
            var joined = found.Invite.Joined + 1;
            var invite = found.Invite with { State = joined >= found.Invite.Uses ? InviteState.Used : found.Invite.State, Joined = joined, Conversation = record.Id };
            var relayRecord = Read(entry) with { KeyPackagesCount = 0 };
            var changes = new StoreChanges().Add(prepared.Group.GroupId, prepared.Change).Save(HashKey(found.Hash), [1]);
            ClientState.Save(ClientState.Save(ClientState.Save(changes, record), invite), relayRecord);
            if (keyPackage is { } used)
                changes.Delete(used);
            await state.CommitAsync(changes).ConfigureAwait(false);
            state.Invites[invite.Id] = invite;
            state.Relays[fingerprint] = relayRecord;
            state.Conversations[record.Id] = new(record, prepared.Group);
        }
        catch
        {
            prepared.Group.Dispose();
            throw;
        }
    }

    private async Task RefuseAsync(Entry entry, MlsGroup group)
    {
        group.Dispose();
        await SkipInsideAsync(entry, NoticeKind.WelcomeRefused).ConfigureAwait(false);
    }

    /// <summary>Two people answered an invite for one: neither counts as verified until the person here chooses.</summary>
    private async Task TakeSecondAsync(Entry entry, Found found)
    {
        var changes = new StoreChanges().Save(HashKey(found.Hash), [1]);
        var relayRecord = Read(entry);
        ClientState.Save(changes, relayRecord);
        ConversationState? first = null;
        if (found.Invite.Conversation is { } id && state.Conversations.TryGetValue(id, out first))
            ClientState.Save(changes, first.Record with { Verification = Verification.None });
        await state.CommitAsync(changes).ConfigureAwait(false);
        state.Relays[fingerprint] = relayRecord;
        if (first is not null)
            first.Record = first.Record with { Verification = Verification.None };
        state.Raise(new NoticeRaised(first is null ? null : new(state, first), NoticeKind.SecondWelcome));
    }

    private async Task SkipAsync(Entry entry, NoticeKind? notice, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
            await SkipInsideAsync(entry, notice).ConfigureAwait(false);
    }

    private async Task SkipInsideAsync(Entry entry, NoticeKind? notice)
    {
        await state.SaveAsync(Read(entry)).ConfigureAwait(false);
        if (notice is { } kind)
            state.Raise(new NoticeRaised(null, kind));
    }

    private OwnRelay Read(Entry entry)
    {
        var own = state.Relays[fingerprint];
        return own with { Intro = own.Intro with { Processed = entry.Sequence } };
    }

    private static RecordKey HashKey(Bytes32 hash) => new(StoreTable.IntroHashes, default, hash.ToArray());
}
