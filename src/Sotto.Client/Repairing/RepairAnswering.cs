using Google.Protobuf;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;

namespace Sotto.Client.Repairing;

/// <summary>
/// Takes a device of the other person in again that asked for it: its leaf is removed and added in one commit, at most once an hour,
/// and it gets a Welcome through its own lane.
/// </summary>
internal sealed class RepairAnswering(RelayLink link)
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly ChannelFounding _founding = new(link.State);

    /// <summary>
    /// Stores what a request asks for; a number that is not above all of this device's before is ignored. When this device cannot
    /// follow either, nobody can: the channel is dead. A group of before is reset for whoever is still in it. The caller has entered.
    /// </summary>
    /// <returns>The record as it is after that; null when the request is none of this contact's.</returns>
    public static ConversationRecord? Take(ClientState state, ConversationState conversation, byte[] signed)
    {
        var record = conversation.Record;
        if (RepairRequest.Verify(state.Crypto, signed) is not { } verified
            || state.Credentials.Find(verified.Package.LeafNode) is not { } member || member.Account.Value != record.Peer || verified.Request.Conversation != record.Id)
            return null;
        var (request, device) = (verified.Request, member.Device);
        var last = record.RepairsAsked.Where(asked => asked.Device == device).Select(asked => asked.Number)
            .Concat(record.RepairsAnswered.Where(answered => answered.Device == device).Select(answered => answered.Number)).DefaultIfEmpty().Max();
        if (request.Number <= last)
            return record;
        var isNow = request.Group.Span.SequenceEqual(record.Group);
        if (!isNow && !record.FormerGroups.Any(former => request.Group.Span.SequenceEqual(former.Group)))
            return null;
        RepairAsked[] asked = [.. record.RepairsAsked.Where(other => other.Device != device), new(device, request.Number, signed)];
        record = record with { RepairsAsked = asked };
        if (!isNow)
            return record with { ResetOf = request.Group.ToArray() };
        return record.Repair is null ? record : record with { IsDead = true, IsReadOnly = false, Repair = null };
    }

    /// <summary>Makes the commit for the next request whose time has come.</summary>
    public async Task RunAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (!IsPossible(conversation))
            return;
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var asked in conversation.Record.RepairsAsked)
            {
                if (!IsPossible(conversation) || IsTooEarly(conversation.Record, asked))
                    continue;
                await PrepareAsync(conversation, asked).ConfigureAwait(false);
            }
        }
    }

    private bool IsPossible(ConversationState conversation) =>
        conversation.Record is { RepairsAsked.Length: > 0, PendingCommit: null, RekeyIsDue: false, SendsAgain: false }
        && conversation.IsCaughtUp && !conversation.Group.HasPendingCommit && !link.State.Foundings.ContainsKey(conversation.Record.Id);

    private bool IsTooEarly(ConversationRecord record, RepairAsked asked)
    {
        if (record.RepairsAnswered.FirstOrDefault(answered => answered.Device == asked.Device) is not { } last)
            return false;
        var due = DateTimeOffset.FromUnixTimeSeconds(last.At) + Pause;
        if (due <= link.State.Time.GetUtcNow())
            return false;
        link.WakeAt(due);
        return true;
    }

    private async Task PrepareAsync(ConversationState conversation, RepairAsked asked)
    {
        var (group, record, now) = (conversation.Group, conversation.Record, link.State.Time.GetUtcNow());
        var verified = RepairRequest.Verify(link.State.Crypto, asked.Request);
        var leaf = group.Members.Where(member => link.State.Credentials.Find(member.Leaf)?.Device == asked.Device).Select(member => (Member?)member).FirstOrDefault();
        var package = verified is { } found ? VerifiedOf(found.Package, now) : null;
        if (package is null || leaf is not { } old || (RepairMark.From(old.Leaf)?.Number ?? 0) >= asked.Number)
        {
            await ForgetAsync(conversation, asked).ConfigureAwait(false);
            return;
        }

        var context = ConversationContext.From(group.Context.Extensions)!;
        List<Proposal> proposals = [new RemoveProposal(old.Index), new AddProposal(package)];
        var mailboxes = MailboxChanges.Of(link.State.Crypto, context.MailboxKey, group, proposals);
        var authenticated = mailboxes.AuthenticatedData();
        using var commit = group.PrepareCommit(
            new()
            {
                Proposals = proposals,
                IncludeWaiting = false,
                ForcePath = true,
                AuthenticatedData = authenticated,
                Padding = length => PayloadPadding.ZerosFor(group.GroupId, authenticated.Length, length),
                Leaf = new LeafChange { Extensions = OwnLeaf.ExtensionsOf(link.State, group, record) },
            },
            now);
        await StoreAsync(conversation, asked, verified!.Value.Request, commit, context, mailboxes).ConfigureAwait(false);
    }

    private async Task StoreAsync(ConversationState conversation, RepairAsked asked, RepairRequest request, PreparedCommit commit, ConversationContext context, MailboxChanges mailboxes)
    {
        var (group, record, state) = (conversation.Group, conversation.Record, link.State);
        var (own, voucher) = Provisioning.TakeVoucher(state.Relays[record.Relay]);
        var welcome = commit.OutgoingWelcome!;
        var target = _founding.WithSecrets(
            new() { Device = asked.Device, IntroChannel = request.Reach.IntroChannel, IntroKey = request.Reach.IntroKey.ToArray(), Package = request.Package.ToArray() }, welcome);
        var founding = new FoundingRecord
        {
            Conversation = record.Id,
            Stage = FoundingStage.Committing,
            Repair = new(asked.Device, asked.Number),
            ClaimId = default,
            Lane = request.Reach.Lane,
            Targets = [target],
            Welcome = _founding.BlobOf(welcome, voucher),
        };
        var post = KeyUpdates.PostOf(state, group, record, commit);
        post.Commit.Added.Add(_founding.AddedOf(context.MailboxKey, target));
        post.Commit.Dropped.AddRange(mailboxes.Dropped.Select(id => id.ToWire()));
        post.Commit.Cut = mailboxes.Cut;
        var changed = record with { PendingCommit = post.ToByteArray(), NextReadCapability = Fresh.ThirtyTwo(state.Crypto) };
        var changes = ClientState.Save(ClientState.Save(new Storage.StoreChanges().Add(group.GroupId, commit.Change), changed), founding);
        await state.CommitAsync(ClientState.Save(changes, own)).ConfigureAwait(false);
        commit.Merge();
        (conversation.Record, state.Relays[record.Relay], state.Foundings[record.Id]) = (changed, own, founding);
    }

    private VerifiedKeyPackage? VerifiedOf(KeyPackage package, DateTimeOffset now)
    {
        try
        {
            return link.State.Mls.Verify(package, now);
        }
        catch (MlsException)
        {
            return null;
        }
    }

    private async Task ForgetAsync(ConversationState conversation, RepairAsked asked)
    {
        var record = conversation.Record with { RepairsAsked = [.. conversation.Record.RepairsAsked.Where(other => other != asked)] };
        await link.State.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
        conversation.Record = record;
    }
}
