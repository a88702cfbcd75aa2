using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Joining;

/// <summary>
/// Joins with an invite, one stored step after the other (docs/protocol/joining.md): reserve, register, claim, group, channel,
/// commit, Welcome. Killed anywhere and started again, it goes on with the step that is stored.
/// </summary>
internal sealed class Joiner(RelayLink on)
{
    private static readonly TimeSpan RestoredFor = TimeSpan.FromDays(Limits.InviteDays);

    private readonly ChannelFounding _founding = new(on.State);

    /// <summary>What an invite says, after every check; nothing is stored.</summary>
    public static async Task<(JoinPreview Preview, VerifiedAccount Account)> PreviewAsync(ICryptoProvider crypto, IRelay relay, InviteLink link, CancellationToken cancellationToken)
    {
        var keys = InviteKeys.Derive(crypto, link);
        try
        {
            var sealedCard = await relay.Accounts.ReadCardAsync(link.Account.Value, keys.Contact, cancellationToken).ConfigureAwait(false);
            var (card, signed) = InviteCard.Open(crypto, link, keys, sealedCard);
            var answer = await relay.Accounts.ReadDirectoryAsync(link.Account.Value, keys.Contact, cancellationToken).ConfigureAwait(false);
            var account = VerifiedAccount.Verify(crypto, link.Account, answer);
            card.RequireSigned(crypto, signed, account);
            return (new(account.Account, card.Name, card.Uses == 1), account);
        }
        catch (RelayRefusedException refused)
        {
            throw Explain(refused);
        }
    }

    /// <summary>What comes before this account needs to exist at the relay.</summary>
    public async Task ReserveAsync(CancellationToken cancellationToken)
    {
        foreach (var join in Here(JoinStage.Reserving))
            await on.TryAsync(join.Invite, () => OrGiveUpAsync(join, () => ReserveAsync(join, cancellationToken), cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Everything after that.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        foreach (var join in on.State.Joins.Values.Where(join => IsHere(join) && join.Stage is > JoinStage.Reserving and < JoinStage.Waiting).ToList())
            await on.TryAsync(join.Invite, () => GoOnAsync(join.Invite, cancellationToken)).ConfigureAwait(false);
    }

    private async Task GoOnAsync(Bytes32 invite, CancellationToken cancellationToken)
    {
        while (on.State.Joins.TryGetValue(invite, out var before) && before.Stage < JoinStage.Waiting)
            await OrGiveUpAsync(before, () => StepAsync(before, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private Task StepAsync(JoinRecord join, CancellationToken cancellationToken) => join.Stage switch
    {
        JoinStage.Claiming => ClaimAsync(join, cancellationToken),
        JoinStage.Building => BuildAsync(join, cancellationToken),
        JoinStage.CreatingChannel => CreateChannelAsync(join, cancellationToken),
        JoinStage.Committing => CommitAsync(join, cancellationToken),
        JoinStage.Uploading => UploadAsync(join, cancellationToken),
        JoinStage.Introducing => IntroduceAsync(join, cancellationToken),
        _ => throw new InvalidOperationException("The join has no such step."),
    };

    private bool IsHere(JoinRecord join) => InviteLink.Parse(join.Link).Relay == on.Fingerprint;

    private List<JoinRecord> Here(JoinStage stage) => [.. on.State.Joins.Values.Where(join => join.Stage == stage && IsHere(join))];

    private async Task ReserveAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var link = InviteLink.Parse(join.Link);
        var keys = InviteKeys.Derive(on.State.Crypto, link);
        var (_, account) = await PreviewAsync(on.State.Crypto, on.Relay, link, cancellationToken).ConfigureAwait(false);
        var targets = ChannelFounding.TargetsOf(account);
        if (targets.Length == 0)
            throw new ClientException(ClientFailure.InviteUnknown, "No device of the person who invites can be reached any more.");
        foreach (var target in targets)
            await ReserveAsync(join, target, keys, cancellationToken).ConfigureAwait(false);
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            await MakeAccountAsync(join with { Stage = JoinStage.Claiming, Targets = targets }, link, keys).ConfigureAwait(false);
    }

    private Task ReserveAsync(JoinRecord join, JoinTarget target, InviteKeys keys, CancellationToken cancellationToken)
    {
        var reserve = new Reserve { Channel = target.IntroChannel.ToWire(), LaneCapability = keys.Lane.ToWire(), ReserveKeyHash = join.ReserveKey.HashToWire() };
        return on.Stream.AskAsync(new() { Reserve = reserve }, cancellationToken);
    }

    /// <summary>Account, keys and the registration to come, with the join's next step, in one transaction.</summary>
    private async Task MakeAccountAsync(JoinRecord join, InviteLink link, InviteKeys keys)
    {
        var changes = ClientState.Save(new(), join);
        var made = on.State.Account is null ? OwnAccount.Create(on.State.Crypto, join.Name) : null;
        if (made is not null)
            ClientState.SaveAccount(changes, made.Record);
        var own = on.State.Relays.TryGetValue(on.Fingerprint, out var known)
            ? known.Receipt is null ? known with { RegistrationToken = keys.Registration } : null
            : Provisioning.Begin(on.State.Crypto, new(link.Addresses, link.Relay), keys.Registration);
        if (own is not null)
            ClientState.Save(changes, own);
        await on.State.CommitAsync(changes).ConfigureAwait(false);
        if (made is not null)
            on.State.SetAccount(made);
        if (own is not null)
            on.State.Relays[on.Fingerprint] = own;
        on.State.Joins[join.Invite] = join;
    }

    private async Task ClaimAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var link = InviteLink.Parse(join.Link);
        var keys = InviteKeys.Derive(on.State.Crypto, link);
        var targets = await ChannelFounding.ClaimAsync(on.Relay, link.Account, keys.Contact, join.ClaimId, join.Targets, cancellationToken).ConfigureAwait(false);
        if (targets.Length == 0)
            throw new ClientException(ClientFailure.InviteUnknown, "No device of the person who invites left keys for somebody new.");
        await SaveAsync(join with { Stage = JoinStage.Building, Targets = targets }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One transaction: the group, its commit, the conversation and everything that will be sent.</summary>
    private async Task BuildAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var account = on.State.RequireAccount();
            var link = InviteLink.Parse(join.Link);
            if (on.State.Conversations.TryGetValue(ConversationContext.PairId(account.Id, link.Account), out var known))
            {
                // Another invite of theirs, or one for them, was quicker: there is one conversation of two.
                await on.State.SaveAsync(join with { Stage = JoinStage.Waiting, Conversation = known.Record.Id, Targets = [] }).ConfigureAwait(false);
                return;
            }

            var now = on.State.Time.GetUtcNow();
            var (packages, context) = (_founding.Verify(join.Targets, link.Account, now), NewContext(account.Id, link));
            using var created = _founding.PrepareGroup(context, now);
            created.Merge();
            var group = created.Group;
            try
            {
                using var commit = _founding.PrepareCommit(group, context, [.. packages.Select(package => new AddProposal(package)), new PreSharedKeyProposal(new ExternalPskId(join.Invite.ToArray()))], now);
                var (channel, targets, relayRecord) = _founding.Describe(on.State.Relays[on.Fingerprint], group, context, commit, join.Targets);
                var built = join with { Stage = JoinStage.CreatingChannel, Targets = targets, Channel = channel, Conversation = context.Id };
                var record = NewConversation(account, link, built, group, context);
                var changes = new StoreChanges().Add(group.GroupId, created.Change).Add(group.GroupId, commit.Change);
                ClientState.Save(ClientState.Save(ClientState.Save(changes, built), record), relayRecord);
                await on.State.CommitAsync(changes).ConfigureAwait(false);
                commit.Merge();
                on.State.Joins[join.Invite] = built;
                on.State.Relays[on.Fingerprint] = relayRecord;
                on.State.Conversations[record.Id] = new(record, group);
            }
            catch
            {
                group.Dispose();
                throw;
            }
        }
    }

    private ConversationContext NewContext(AccountId own, InviteLink link) => new()
    {
        Kind = ConversationKind.Pair,
        Id = ConversationContext.PairId(own, link.Account),
        Relay = link.Relay,
        Channel = Fresh.Sixteen(on.State.Crypto),
        MailboxKey = Fresh.ThirtyTwo(on.State.Crypto),
        Roles = [new(own, ConversationRole.Owner), new(link.Account, ConversationRole.Owner)],
    };

    private ConversationRecord NewConversation(OwnAccount account, InviteLink link, JoinRecord join, MlsGroup group, ConversationContext context) => new()
    {
        Id = context.Id,
        Group = group.GroupId.Bytes.ToArray(),
        Relay = on.Fingerprint,
        Channel = context.Channel,
        Mailbox = LeafInfo.MailboxOf(on.State.Crypto, context.MailboxKey, group.OwnLeaf.EncryptionKey.Span),
        ReadCapability = Fresh.ThirtyTwo(on.State.Crypto),
        Peer = link.Account.Value,
        PeerName = join.InviterName,
        Verification = join.IsForOne ? Verification.Invite : Verification.None,
        Invite = join.Invite,
        Contact = new(Fresh.ThirtyTwo(on.State.Crypto), Fresh.ThirtyTwo(on.State.Crypto), false),
        IsOwn = true,
        NextPlace = 1,
        UpdatedAt = on.State.Time.GetUtcNow().ToUnixTimeSeconds(),
    };

    private async Task CreateChannelAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var conversation = on.State.Conversations[join.Conversation!.Value].Record;
        try
        {
            await on.Stream.AskAsync(new() { CreateChannel = ChannelFounding.CreateOf(conversation, join.Channel!) }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.TokenRefused)
        {
            await WithVoucherAsync(join, voucher => join.Channel! with { Voucher = voucher }, cancellationToken).ConfigureAwait(false);
            return;
        }

        await SaveAsync(join with { Stage = JoinStage.Committing }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A relay that was restored may have lost the voucher that it was to be paid with.</summary>
    private async Task WithVoucherAsync(JoinRecord join, Func<Bytes32, JoinChannel> change, CancellationToken cancellationToken)
    {
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (own, voucher) = Provisioning.TakeVoucher(on.State.Relays[on.Fingerprint]);
            var changed = join with { Channel = change(voucher) };
            await on.State.CommitAsync(ClientState.Save(ClientState.Save(new(), changed), own)).ConfigureAwait(false);
            (on.State.Joins[join.Invite], on.State.Relays[on.Fingerprint]) = (changed, own);
        }
    }

    private async Task CommitAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var posted = await on.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(join.Channel!.Commit) }, cancellationToken).ConfigureAwait(false);
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var conversation = on.State.Conversations[join.Conversation!.Value];
            var next = join with { Stage = JoinStage.Uploading, CommitSequence = posted.Posted.Sequence };
            var record = conversation.Record with { IsMade = true };
            await on.State.CommitAsync(ClientState.Save(ClientState.Save(new(), next), record)).ConfigureAwait(false);
            on.State.Joins[join.Invite] = next;
            conversation.Record = record;
        }
    }

    private async Task UploadAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var (conversation, channel) = (on.State.Conversations[join.Conversation!.Value].Record, join.Channel!);
        try
        {
            await on.Relay.Blobs.PutAsync(ChannelFounding.UploadOf(conversation, channel.Welcome), cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.TokenRefused)
        {
            await WithVoucherAsync(join, voucher => channel with { Welcome = channel.Welcome with { Voucher = voucher } }, cancellationToken).ConfigureAwait(false);
            return;
        }

        var keys = InviteKeys.Derive(on.State.Crypto, InviteLink.Parse(join.Link));
        var introductions = join.Targets.Select(target => Introduce(join, conversation, target, keys).ToByteArray()).ToArray();
        await SaveAsync(join with { Stage = JoinStage.Introducing, Introductions = introductions }, cancellationToken).ConfigureAwait(false);
    }

    private Post Introduce(JoinRecord join, ConversationRecord conversation, JoinTarget target, InviteKeys keys)
    {
        var post = _founding.Introduce(new(conversation, InviteLink.Parse(join.Link).Account, keys.Lane, join.Channel!.Welcome, join.CommitSequence), target);
        post.Intro = new() { ReserveKey = join.ReserveKey.ToWire() };
        return post;
    }

    private async Task IntroduceAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        foreach (var (target, introduction) in join.Targets.Zip(join.Introductions))
            await IntroduceAsync(join, target, Post.Parser.ParseFrom(introduction), cancellationToken).ConfigureAwait(false);
        await SaveAsync(join with { Stage = JoinStage.Waiting, Introductions = [], Channel = null, Targets = [] }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A reservation lapses after a day without a Welcome, and a relay that was restored may have forgotten it: the same key takes
    /// the lane again, unless the invite is over by now.
    /// </summary>
    private async Task IntroduceAsync(JoinRecord join, JoinTarget target, Post post, CancellationToken cancellationToken)
    {
        try
        {
            await on.Stream.AskAsync(new() { Post = post }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Refused)
        {
            await ReserveAsync(join, target, InviteKeys.Derive(on.State.Crypto, InviteLink.Parse(join.Link)), cancellationToken).ConfigureAwait(false);
            await on.Stream.AskAsync(new() { Post = post }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SaveAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            await on.State.SaveAsync(join).ConfigureAwait(false);
    }

    /// <summary>What can never succeed ends the join before anything is stranded; what may pass is tried again by the session.</summary>
    private async Task OrGiveUpAsync(JoinRecord join, Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (!refused.IsPassing && (join.Stage <= JoinStage.Building || IsOver(join, refused)) && !(IsRestoredLately && refused.Problem is (RelayProblem.Refused or RelayProblem.TokenRefused)))
        {
            await GiveUpAsync(join, Explain(refused), cancellationToken).ConfigureAwait(false);
        }
        catch (ClientException refused) when (join.Stage <= JoinStage.Building && refused.Failure is not (ClientFailure.StoreFailed or ClientFailure.StoreTaken) && !(IsRestoredLately && refused.Failure is (ClientFailure.InviteUnknown or ClientFailure.RelayBusy)))
        {
            await GiveUpAsync(join, refused, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A relay that was restored may have forgotten the invite until whoever made it comes back.</summary>
    private bool IsRestoredLately =>
        on.State.Relays.TryGetValue(on.Fingerprint, out var own) && own.RestoredAt > 0 && on.State.Time.GetUtcNow() < DateTimeOffset.FromUnixTimeSeconds(own.RestoredAt) + RestoredFor;

    /// <summary>Whether the invite ended before the Welcome came to the relay: whoever invites will never hear of the conversation.</summary>
    private static bool IsOver(JoinRecord join, RelayRefusedException refused) =>
        join.Stage == JoinStage.Introducing && refused.Problem is (RelayProblem.InviteUsed or RelayProblem.InviteExpired or RelayProblem.InviteRevoked or RelayProblem.Refused);

    private async Task GiveUpAsync(JoinRecord join, ClientException reason, CancellationToken cancellationToken)
    {
        using (await on.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var changes = ClientState.Delete(new(), join);
            var made = join.Conversation is { } id ? on.State.Conversations[id] : null;
            if (made is not null)
                ClientState.Save(changes, made.Record with { IsDead = true });
            await on.State.CommitAsync(changes).ConfigureAwait(false);
            on.State.Joins.TryRemove(join.Invite, out _);
            on.State.FailedJoins[join.Invite] = reason;
            if (made is null)
                return;
            made.Record = made.Record with { IsDead = true };
            on.State.Raise(new NoticeRaised(new(on.State, made), NoticeKind.ChannelDead));
        }
    }

    /// <summary>What a refusal of an invite means to the person here.</summary>
    internal static ClientException Explain(RelayRefusedException refused) => refused.Problem switch
    {
        RelayProblem.InviteUsed => new(ClientFailure.InviteUsed, "This invite was used. Ask for a new one.", refused),
        RelayProblem.InviteExpired => new(ClientFailure.InviteExpired, "This invite has expired. Ask for a new one.", refused),
        RelayProblem.InviteRevoked => new(ClientFailure.InviteRevoked, "This invite was taken back. Ask for a new one.", refused),
        RelayProblem.Refused or RelayProblem.TokenRefused => new(ClientFailure.InviteUnknown, "The relay does not know this invite.", refused),
        RelayProblem.RateLimited or RelayProblem.Unavailable or RelayProblem.StorageFull or RelayProblem.QuotaReached =>
            new(ClientFailure.RelayBusy, "The relay is at a limit. Try again later.", refused),
        _ => new(ClientFailure.RelayRefused, refused.Message, refused),
    };
}
