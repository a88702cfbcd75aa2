using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Joining;

/// <summary>What a sealed part of a Welcome says beside its secrets, and to whom.</summary>
internal sealed record WelcomeAddress(ConversationRecord Conversation, AccountId Account, Bytes32 Lane, WelcomeBlob Blob, ulong CommitSequence);

/// <summary>
/// Makes a group, its first commit and everything that brings both to a relay and to the other person; the sealed parts also when a
/// device comes into a group that exists.
/// </summary>
internal sealed class ChannelFounding(ClientState state)
{
    /// <summary>How long the shared part of a Welcome lies at the relay.</summary>
    public const int WelcomeDays = 60;

    private static readonly TimeSpan LeafLasts = TimeSpan.FromDays(84);

    /// <summary>The devices of an account that can be reached.</summary>
    public static JoinTarget[] TargetsOf(VerifiedAccount account) =>
    [
        .. from certificate in account.Newest.Certificates
           where account.Reachability.ContainsKey(certificate.DeviceKey)
           let reach = account.Reachability[certificate.DeviceKey]
           select new JoinTarget { Device = certificate.DeviceKey, IntroChannel = reach.IntroChannel, IntroKey = reach.IntroKey.ToArray() },
    ];

    /// <summary>Claims a KeyPackage for each target of an account; those whose device has none are left out.</summary>
    /// <exception cref="RelayRefusedException">The relay refused, or answered something else.</exception>
    public static async Task<JoinTarget[]> ClaimAsync(IRelay relay, AccountId account, Bytes32 token, Bytes16 claim, JoinTarget[] targets, CancellationToken cancellationToken)
    {
        var request = new ClaimRequest([new(account.Value.ToArray(), token.ToArray(), claim.ToArray())]);
        var answer = await relay.Accounts.ClaimAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.Targets is not [var claimed])
            throw new RelayRefusedException(null);
        if (claimed.Packages is null)
            throw new RelayRefusedException(ProblemTypes.Parse(claimed.Problem ?? ""));
        return
        [
            .. targets.Select(target => target with { Package = claimed.Packages.FirstOrDefault(package => package.Device.AsSpan().SequenceEqual(target.Device.ToArray()))?.Package })
                .Where(target => target.Package is not null),
        ];
    }

    /// <summary>The KeyPackages of targets, each its device's and of the account.</summary>
    /// <exception cref="ClientException">One is not.</exception>
    public List<VerifiedKeyPackage> Verify(IReadOnlyList<JoinTarget> targets, AccountId account, DateTimeOffset now)
    {
        try
        {
            var packages = targets.Select(target => state.Mls.Verify(MlsMessage.Decode(target.Package).KeyPackage ?? throw Foreign(), now)).ToList();
            var areTheirs = packages.Zip(targets).All(pair =>
                state.Credentials.Find(pair.First.KeyPackage.LeafNode) is { } member && member.Account == account && member.Device == pair.Second.Device);
            return areTheirs ? packages : throw Foreign();
        }
        catch (MlsException)
        {
            throw Foreign();
        }
    }

    public PreparedGroup PrepareGroup(ConversationContext context, DateTimeOffset now, GroupId? id = null)
    {
        var account = state.RequireAccount();
        return state.Mls.CreateGroup(
            new(ClientState.Suite, id ?? new GroupId(Fresh.Bytes(state.Crypto, 16)), account.DeviceKey, account.Credential, Lifetime.From(now, LeafLasts))
            {
                Extensions = new ExtensionList([ConversationExtensions.Required, context.ToExtension()]),
                LeafExtensions = new ExtensionList([new LeafInfo(null, account.List, null).ToExtension()]),
            });
    }

    public PreparedCommit PrepareCommit(MlsGroup group, ConversationContext context, List<Proposal> proposals, DateTimeOffset now)
    {
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

    /// <summary>The channel of a new group, with the vouchers that it costs.</summary>
    public (JoinChannel Channel, JoinTarget[] Targets, OwnRelay Relay) Describe(OwnRelay own, MlsGroup group, ConversationContext context, PreparedCommit commit, JoinTarget[] targets)
    {
        var (rest, voucher) = Provisioning.TakeVoucher(own);
        (rest, var blobVoucher) = Provisioning.TakeVoucher(rest);
        var welcome = commit.OutgoingWelcome!;
        JoinTarget[] welcomed = [.. targets.Select(target => WithSecrets(target, welcome))];
        var channel = new JoinChannel
        {
            WriteCapability = ChannelKeys.WriteCapability(group, context.Channel),
            Voucher = voucher,
            Commit = PostOf(group, context, commit, welcomed).ToByteArray(),
            Welcome = BlobOf(welcome, blobVoucher),
        };
        return (channel, welcomed, rest);
    }

    /// <summary>The shared part of a Welcome.</summary>
    public WelcomeBlob BlobOf(Welcome welcome, Bytes32 voucher) =>
        new(Fresh.Sixteen(state.Crypto), Fresh.ThirtyTwo(state.Crypto), voucher, WelcomePart.EncodeBlob(welcome.EncryptedGroupInfo));

    /// <summary>A target with what the Welcome has for it, and a token for its mailbox.</summary>
    public JoinTarget WithSecrets(JoinTarget target, Welcome welcome)
    {
        var name = KeyPackageNames.Of(state.Crypto, MlsMessage.Decode(target.Package).KeyPackage!.Encoded.Span);
        var secrets = welcome.Secrets.First(entry => entry.NewMember.Span.SequenceEqual(name));
        return target with
        {
            Secrets = [secrets.NewMember.ToArray(), secrets.Encrypted.Encapsulation.ToArray(), secrets.Encrypted.Ciphertext.ToArray()],
            ClaimToken = Fresh.ThirtyTwo(state.Crypto),
        };
    }

    /// <summary>The mailbox of a target's KeyPackage, as a commit tells the relay of it.</summary>
    public AddedMailbox AddedOf(Bytes32 mailboxKey, JoinTarget target)
    {
        var key = MlsMessage.Decode(target.Package).KeyPackage!.LeafNode.EncryptionKey;
        return new() { Mailbox = LeafInfo.MailboxOf(state.Crypto, mailboxKey, key.Span).ToWire(), ClaimTokenHash = target.ClaimToken.HashToWire() };
    }

    public static CreateChannel CreateOf(ConversationRecord conversation, JoinChannel channel) => new()
    {
        Channel = conversation.Channel.ToWire(),
        Kind = ChannelKind.Conversation,
        WriteCapabilityHash = channel.WriteCapability.HashToWire(),
        Mailbox = conversation.Mailbox.ToWire(),
        ReadCapabilityHash = conversation.ReadCapability.HashToWire(),
        Token = new() { Type = 1, Value = channel.Voucher.ToWire() },
    };

    public static BlobUpload UploadOf(ConversationRecord conversation, WelcomeBlob blob) =>
        new(conversation.Channel, blob.Id, blob.Capability, [blob.Voucher], WelcomeDays, blob.Content);

    /// <summary>The post of one target's sealed part.</summary>
    public Post Introduce(WelcomeAddress welcome, JoinTarget target)
    {
        var part = new WelcomePart
        {
            Secrets = new(target.Secrets[0], new(target.Secrets[1], target.Secrets[2])),
            RelayUrl = state.Relays[welcome.Conversation.Relay].Urls[0],
            Relay = welcome.Conversation.Relay,
            Channel = welcome.Conversation.Channel,
            CommitSequence = welcome.CommitSequence,
            Blob = welcome.Blob.Id,
            BlobCapability = welcome.Blob.Capability,
            BlobHash = Bytes32.HashOf(welcome.Blob.Content),
            ClaimToken = target.ClaimToken,
        };
        return IntroPost(welcome.Account, target, welcome.Conversation.Relay, welcome.Lane, WelcomePart.IntroKind, part.Encode());
    }

    /// <summary>Something sealed to a device's intro channel.</summary>
    public Post IntroPost(AccountId account, JoinTarget target, Bytes16 relay, Bytes32 lane, byte kind, byte[] body)
    {
        var to = new IntroAddress(account, target.Device, relay, target.IntroChannel);
        return new()
        {
            Channel = target.IntroChannel.ToWire(),
            Kind = EntryKind.IntroEntry,
            WakeClass = 1,
            IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
            Capability = lane.ToWire(),
            Payload = ByteString.CopyFrom(IntroSealing.Seal(state.Crypto, to, target.IntroKey, lane, kind, body)),
        };
    }

    private Post PostOf(MlsGroup group, ConversationContext context, PreparedCommit commit, JoinTarget[] targets) => new()
    {
        Channel = context.Channel.ToWire(),
        LastNumber = 0,
        EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(group, context.Channel)),
        Kind = EntryKind.Commit,
        IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
        Capability = ChannelKeys.WriteCapability(group, context.Channel).ToWire(),
        Payload = ByteString.CopyFrom(commit.Outgoing.Span),
        Commit = new()
        {
            Number = 1,
            NextWriteCapabilityHash = ChannelKeys.NextWriteCapability(commit, context.Channel).HashToWire(),
            Added = { targets.Select(target => AddedOf(context.MailboxKey, target)) },
        },
    };

    private static ClientException Foreign() => new(ClientFailure.IdentityRefused, "The keys that the relay served for the first message are not those of the person who was named.");
}
