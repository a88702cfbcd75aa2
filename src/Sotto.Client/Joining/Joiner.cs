using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Joining;

/// <summary>
/// Joins with an invite, one stored step after the other (docs/protocol/joining.md): reserve, register, claim, group, channel,
/// commit, Welcome. Killed anywhere and started again, it goes on with the step that is stored.
/// </summary>
internal sealed class Joiner(ClientState state, IRelay relay, IMailboxStream stream, Bytes16 fingerprint)
{
    /// <summary>How long the shared part of a Welcome lies at the relay.</summary>
    public const int WelcomeDays = 60;

    private static readonly TimeSpan LeafLasts = TimeSpan.FromDays(84);

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
            await OrGiveUpAsync(join, () => ReserveAsync(join, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Everything after that.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        foreach (var invite in state.Joins.Values.Where(IsHere).Select(join => join.Invite).ToList())
        {
            JoinRecord before;
            while (state.Joins.TryGetValue(invite, out before!) && before.Stage < JoinStage.Waiting)
                await OrGiveUpAsync(before, () => StepAsync(before, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
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

    private bool IsHere(JoinRecord join) => InviteLink.Parse(join.Link).Relay == fingerprint;

    private List<JoinRecord> Here(JoinStage stage) => [.. state.Joins.Values.Where(join => join.Stage == stage && IsHere(join))];

    private async Task ReserveAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var link = InviteLink.Parse(join.Link);
        var keys = InviteKeys.Derive(state.Crypto, link);
        var (_, account) = await PreviewAsync(state.Crypto, relay, link, cancellationToken).ConfigureAwait(false);
        var targets = TargetsOf(account);
        if (targets.Length == 0)
            throw new ClientException(ClientFailure.InviteUnknown, "No device of the person who invites can be reached any more.");
        foreach (var target in targets)
        {
            var reserve = new Reserve { Channel = target.IntroChannel.ToWire(), LaneCapability = keys.Lane.ToWire(), ReserveKeyHash = join.ReserveKey.HashToWire() };
            await stream.AskAsync(new() { Reserve = reserve }, cancellationToken).ConfigureAwait(false);
        }

        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
            await MakeAccountAsync(join with { Stage = JoinStage.Claiming, Targets = targets }, link, keys).ConfigureAwait(false);
    }

    /// <summary>Account, keys and the registration to come, with the join's next step, in one transaction.</summary>
    private async Task MakeAccountAsync(JoinRecord join, InviteLink link, InviteKeys keys)
    {
        var changes = ClientState.Save(new(), join);
        var made = state.Account is null ? OwnAccount.Create(state.Crypto, join.Name) : null;
        if (made is not null)
            ClientState.SaveAccount(changes, made.Record);
        var own = state.Relays.ContainsKey(fingerprint) ? null : Provisioning.Begin(state.Crypto, new(link.Addresses, link.Relay), keys.Registration);
        if (own is not null)
            ClientState.Save(changes, own);
        await state.CommitAsync(changes).ConfigureAwait(false);
        if (made is not null)
            state.SetAccount(made);
        if (own is not null)
            state.Relays[fingerprint] = own;
        state.Joins[join.Invite] = join;
    }

    private static JoinTarget[] TargetsOf(VerifiedAccount account) =>
    [
        .. from certificate in account.Newest.Certificates
           where account.Reachability.ContainsKey(certificate.DeviceKey)
           let reach = account.Reachability[certificate.DeviceKey]
           select new JoinTarget { Device = certificate.DeviceKey, IntroChannel = reach.IntroChannel, IntroKey = reach.IntroKey.ToArray() },
    ];

    private async Task ClaimAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var link = InviteLink.Parse(join.Link);
        var keys = InviteKeys.Derive(state.Crypto, link);
        var request = new ClaimRequest([new(link.Account.Value.ToArray(), keys.Contact.ToArray(), join.ClaimId.ToArray())]);
        var answer = await relay.Accounts.ClaimAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.Targets is not [var claimed])
            throw new RelayRefusedException(null);
        if (claimed.Packages is null)
            throw new RelayRefusedException(ProblemTypes.Parse(claimed.Problem ?? ""));
        var targets = join.Targets
            .Select(target => target with { Package = claimed.Packages.FirstOrDefault(package => package.Device.AsSpan().SequenceEqual(target.Device.ToArray()))?.Package })
            .Where(target => target.Package is not null).ToArray();
        if (targets.Length == 0)
            throw new ClientException(ClientFailure.InviteUnknown, "No device of the person who invites left keys for somebody new.");
        await SaveAsync(join with { Stage = JoinStage.Building, Targets = targets }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One transaction: the group, its commit, the conversation and everything that will be sent.</summary>
    private async Task BuildAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var account = state.RequireAccount();
            var link = InviteLink.Parse(join.Link);
            var now = state.Time.GetUtcNow();
            var (packages, context) = (Verify(join, link, now), NewContext(account.Id, link));
            using var created = PrepareGroup(account, context, now);
            created.Merge();
            var group = created.Group;
            try
            {
                using var commit = PrepareCommit(group, context, packages, join.Invite, now);
                var (built, relayRecord) = Build(join, group, context, commit);
                var record = NewConversation(account, link, built, group, context);
                var changes = new StoreChanges().Add(group.GroupId, created.Change).Add(group.GroupId, commit.Change);
                ClientState.Save(ClientState.Save(ClientState.Save(changes, built), record), relayRecord);
                await state.CommitAsync(changes).ConfigureAwait(false);
                commit.Merge();
                state.Joins[join.Invite] = built;
                state.Relays[fingerprint] = relayRecord;
                state.Conversations[record.Id] = new(record, group);
            }
            catch
            {
                group.Dispose();
                throw;
            }
        }
    }

    private List<Mls.KeyPackages.VerifiedKeyPackage> Verify(JoinRecord join, InviteLink link, DateTimeOffset now)
    {
        try
        {
            var packages = join.Targets.Select(target => state.Mls.Verify(MlsMessage.Decode(target.Package).KeyPackage ?? throw Foreign(), now)).ToList();
            var areTheirs = packages.Zip(join.Targets).All(pair =>
                state.Credentials.Find(pair.First.KeyPackage.LeafNode) is { } member && member.Account == link.Account && member.Device == pair.Second.Device);
            return areTheirs ? packages : throw Foreign();
        }
        catch (MlsException)
        {
            throw Foreign();
        }
    }

    private ConversationContext NewContext(AccountId own, InviteLink link) => new()
    {
        Kind = ConversationKind.Pair,
        Id = ConversationContext.PairId(own, link.Account),
        Relay = link.Relay,
        Channel = Fresh.Sixteen(state.Crypto),
        MailboxKey = Fresh.ThirtyTwo(state.Crypto),
        Roles = [new(own, ConversationRole.Owner), new(link.Account, ConversationRole.Owner)],
    };

    private PreparedGroup PrepareGroup(OwnAccount account, ConversationContext context, DateTimeOffset now) => state.Mls.CreateGroup(
        new(ClientState.Suite, new GroupId(Fresh.Bytes(state.Crypto, 16)), account.DeviceKey, account.Credential, Lifetime.From(now, LeafLasts))
        {
            Extensions = new ExtensionList([ConversationExtensions.Required, context.ToExtension()]),
            LeafExtensions = new ExtensionList([new LeafInfo(null, account.List, null).ToExtension()]),
        });

    private PreparedCommit PrepareCommit(MlsGroup group, ConversationContext context, List<Mls.KeyPackages.VerifiedKeyPackage> packages, Bytes32 invite, DateTimeOffset now)
    {
        List<Proposal> proposals = [.. packages.Select(package => new AddProposal(package)), new PreSharedKeyProposal(new ExternalPskId(invite.ToArray()))];
        var authenticated = MailboxChanges.Of(state.Crypto, context.MailboxKey, group, proposals).AuthenticatedData();
        return group.PrepareCommit(
            new()
            {
                Proposals = proposals,
                AuthenticatedData = authenticated,
                Padding = length => PayloadPadding.ZerosFor(group.GroupId, authenticated.Length, length),
            },
            now);
    }

    private (JoinRecord Join, OwnRelay Relay) Build(JoinRecord join, MlsGroup group, ConversationContext context, PreparedCommit commit)
    {
        var (rest, channelVoucher) = Provisioning.TakeVoucher(state.Relays[fingerprint]);
        (rest, var blobVoucher) = Provisioning.TakeVoucher(rest);
        var welcome = commit.OutgoingWelcome!;
        var targets = join.Targets.Select(target => WithSecrets(target, welcome)).ToArray();
        var channel = new JoinChannel
        {
            WriteCapability = ChannelKeys.WriteCapability(group, context.Channel),
            Voucher = channelVoucher,
            Commit = PostOf(group, context, commit, targets).ToByteArray(),
            Blob = Fresh.Sixteen(state.Crypto),
            BlobCapability = Fresh.ThirtyTwo(state.Crypto),
            BlobVoucher = blobVoucher,
            BlobContent = WelcomePart.EncodeBlob(welcome.EncryptedGroupInfo),
        };
        return (join with { Stage = JoinStage.CreatingChannel, Targets = targets, Channel = channel, Conversation = context.Id }, rest);
    }

    private JoinTarget WithSecrets(JoinTarget target, Welcome welcome)
    {
        var name = KeyPackageNames.Of(state.Crypto, MlsMessage.Decode(target.Package).KeyPackage!.Encoded.Span);
        var secrets = welcome.Secrets.First(entry => entry.NewMember.Span.SequenceEqual(name));
        return target with
        {
            Secrets = [secrets.NewMember.ToArray(), secrets.Encrypted.Encapsulation.ToArray(), secrets.Encrypted.Ciphertext.ToArray()],
            ClaimToken = Fresh.ThirtyTwo(state.Crypto),
        };
    }

    private Post PostOf(MlsGroup group, ConversationContext context, PreparedCommit commit, JoinTarget[] targets)
    {
        var part = new CommitPart { Number = 1, NextWriteCapabilityHash = ChannelKeys.NextWriteCapability(commit, context.Channel).HashToWire() };
        foreach (var target in targets)
        {
            var key = MlsMessage.Decode(target.Package).KeyPackage!.LeafNode.EncryptionKey;
            part.Added.Add(new AddedMailbox { Mailbox = LeafInfo.MailboxOf(state.Crypto, context.MailboxKey, key.Span).ToWire(), ClaimTokenHash = target.ClaimToken.HashToWire() });
        }

        return new()
        {
            Channel = context.Channel.ToWire(),
            LastNumber = 0,
            EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(group, context.Channel)),
            Kind = EntryKind.Commit,
            IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
            Capability = ChannelKeys.WriteCapability(group, context.Channel).ToWire(),
            Payload = ByteString.CopyFrom(commit.Outgoing.Span),
            Commit = part,
        };
    }

    private ConversationRecord NewConversation(OwnAccount account, InviteLink link, JoinRecord join, MlsGroup group, ConversationContext context) => new()
    {
        Id = context.Id,
        Group = group.GroupId.Bytes.ToArray(),
        Relay = fingerprint,
        Channel = context.Channel,
        Mailbox = LeafInfo.MailboxOf(state.Crypto, context.MailboxKey, group.OwnLeaf.EncryptionKey.Span),
        ReadCapability = Fresh.ThirtyTwo(state.Crypto),
        Peer = link.Account.Value,
        PeerName = join.InviterName,
        Verification = join.IsForOne ? Verification.Invite : Verification.None,
        Invite = join.Invite,
        Contact = new(Fresh.ThirtyTwo(state.Crypto), Fresh.ThirtyTwo(state.Crypto), false),
        IsOwn = true,
        NextPlace = 1,
        UpdatedAt = state.Time.GetUtcNow().ToUnixTimeSeconds(),
    };

    private async Task CreateChannelAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var conversation = state.Conversations[join.Conversation!.Value].Record;
        var create = new CreateChannel
        {
            Channel = conversation.Channel.ToWire(),
            Kind = ChannelKind.Conversation,
            WriteCapabilityHash = join.Channel!.WriteCapability.HashToWire(),
            Mailbox = conversation.Mailbox.ToWire(),
            ReadCapabilityHash = conversation.ReadCapability.HashToWire(),
            Token = new() { Type = 1, Value = join.Channel.Voucher.ToWire() },
        };
        await stream.AskAsync(new() { CreateChannel = create }, cancellationToken).ConfigureAwait(false);
        await SaveAsync(join with { Stage = JoinStage.Committing }, cancellationToken).ConfigureAwait(false);
    }

    private async Task CommitAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var posted = await stream.AskAsync(new() { Post = Post.Parser.ParseFrom(join.Channel!.Commit) }, cancellationToken).ConfigureAwait(false);
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var conversation = state.Conversations[join.Conversation!.Value];
            var next = join with { Stage = JoinStage.Uploading, CommitSequence = posted.Posted.Sequence };
            var record = conversation.Record with { IsMade = true };
            await state.CommitAsync(ClientState.Save(ClientState.Save(new(), next), record)).ConfigureAwait(false);
            state.Joins[join.Invite] = next;
            conversation.Record = record;
        }
    }

    private async Task UploadAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        var (conversation, channel) = (state.Conversations[join.Conversation!.Value].Record, join.Channel!);
        await relay.Blobs.PutAsync(new(conversation.Channel, channel.Blob, channel.BlobCapability, [channel.BlobVoucher], WelcomeDays, channel.BlobContent), cancellationToken).ConfigureAwait(false);
        var keys = InviteKeys.Derive(state.Crypto, InviteLink.Parse(join.Link));
        var introductions = join.Targets.Select(target => Introduce(join, conversation, target, keys).ToByteArray()).ToArray();
        await SaveAsync(join with { Stage = JoinStage.Introducing, Introductions = introductions }, cancellationToken).ConfigureAwait(false);
    }

    private Post Introduce(JoinRecord join, ConversationRecord conversation, JoinTarget target, InviteKeys keys)
    {
        var link = InviteLink.Parse(join.Link);
        var part = new WelcomePart
        {
            Secrets = new(target.Secrets[0], new HpkeCiphertext(target.Secrets[1], target.Secrets[2])),
            RelayUrl = link.Addresses[0],
            Relay = fingerprint,
            Channel = conversation.Channel,
            CommitSequence = join.CommitSequence,
            Blob = join.Channel!.Blob,
            BlobCapability = join.Channel.BlobCapability,
            BlobHash = Bytes32.HashOf(join.Channel.BlobContent),
            ClaimToken = target.ClaimToken,
        };
        var to = new IntroAddress(link.Account, target.Device, fingerprint, target.IntroChannel);
        return new()
        {
            Channel = target.IntroChannel.ToWire(),
            Kind = EntryKind.IntroEntry,
            WakeClass = 1,
            IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
            Capability = keys.Lane.ToWire(),
            Payload = ByteString.CopyFrom(IntroSealing.Seal(state.Crypto, to, target.IntroKey, keys.Lane, WelcomePart.IntroKind, part.Encode())),
            Intro = new() { ReserveKey = join.ReserveKey.ToWire() },
        };
    }

    private async Task IntroduceAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        foreach (var introduction in join.Introductions)
            await stream.AskAsync(new() { Post = Post.Parser.ParseFrom(introduction) }, cancellationToken).ConfigureAwait(false);
        await SaveAsync(join with { Stage = JoinStage.Waiting, Introductions = [], Channel = null, Targets = [] }, cancellationToken).ConfigureAwait(false);
    }

    private async Task SaveAsync(JoinRecord join, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
            await state.SaveAsync(join).ConfigureAwait(false);
    }

    /// <summary>What can never succeed ends the join before anything is stranded; what may pass is tried again by the session.</summary>
    private async Task OrGiveUpAsync(JoinRecord join, Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (!refused.IsPassing && join.Stage <= JoinStage.Building)
        {
            await GiveUpAsync(join, Explain(refused), cancellationToken).ConfigureAwait(false);
        }
        catch (ClientException refused) when (join.Stage <= JoinStage.Building && refused.Failure is not (ClientFailure.StoreFailed or ClientFailure.StoreTaken))
        {
            await GiveUpAsync(join, refused, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task GiveUpAsync(JoinRecord join, ClientException reason, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            await state.CommitAsync(ClientState.Delete(new(), join)).ConfigureAwait(false);
            state.Joins.TryRemove(join.Invite, out _);
            state.FailedJoins[join.Invite] = reason;
        }
    }

    private static ClientException Foreign() => new(ClientFailure.IdentityRefused, "The keys that the relay served for the first message are not those of the person who invites.");

    private static ClientException Explain(RelayRefusedException refused) => refused.Problem switch
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
