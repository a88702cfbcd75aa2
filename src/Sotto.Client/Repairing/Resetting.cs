using System.Buffers.Binary;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;

namespace Sotto.Client.Repairing;

/// <summary>
/// Begins a conversation anew whose channel is dead: a new group, which proves by its epochs that its founder was in the old one, in a
/// new channel. By itself once a day; after that the person decides.
/// </summary>
internal sealed class Resetting(RelayLink link)
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    private readonly ChannelFounding _founding = new(link.State);
    private readonly EpochHistory _history = new(link.State);
    private readonly GroupReplacement _replacement = new(link.State);

    /// <summary>Stores that a reset is on its way, unless the person must say so first.</summary>
    public async Task BeginAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (!IsDue(conversation))
            return;
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (record, now) = (conversation.Record, link.State.Time.GetUtcNow());
            if (!IsDue(conversation))
                return;
            if (!record.ResetIsWanted && now < DateTimeOffset.FromUnixTimeSeconds(record.ResetAt) + Pause)
            {
                await AskPersonAsync(conversation).ConfigureAwait(false);
                return;
            }

            var founding = new FoundingRecord
            {
                Conversation = record.Id,
                Stage = FoundingStage.Claiming,
                OldGroup = record.ResetOf ?? SharedGroup(record).Group,
                ClaimId = Fresh.Sixteen(link.State.Crypto),
                Lane = record.PeerContact!.Lane,
            };
            var changed = record with { ResetAt = record.ResetIsWanted ? record.ResetAt : now.ToUnixTimeSeconds(), NeedsReset = false, ResetIsWanted = false };
            await link.State.CommitAsync(ClientState.Save(ClientState.Save(new(), changed), founding)).ConfigureAwait(false);
            (conversation.Record, link.State.Foundings[record.Id]) = (changed, founding);
        }
    }

    /// <summary>The new group with its first commit, in the old one's place, and everything that will be sent.</summary>
    public async Task BuildAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (state, record, now) = (link.State, conversation.Record, link.State.Time.GetUtcNow());
            if (state.Foundings.GetValueOrDefault(record.Id) != founding)
                return;
            var packages = _founding.Verify(founding.Targets, new(record.Peer), now);
            var context = ConversationContext.From(conversation.Group.Context.Extensions)! with
            {
                Channel = Fresh.Sixteen(state.Crypto),
                MailboxKey = Fresh.ThirtyTwo(state.Crypto),
                Reset = new(founding.OldGroup, await _history.ReadAsync(conversation, founding.OldGroup!).ConfigureAwait(false)),
            };
            using var created = _founding.PrepareGroup(context, now, IdAfter(record, founding.OldGroup!));
            created.Merge();
            try
            {
                await StoreAsync(conversation, founding, created, context, [.. packages.Select(package => new AddProposal(package))]).ConfigureAwait(false);
            }
            catch
            {
                created.Group.Dispose();
                throw;
            }
        }
    }

    private async Task StoreAsync(ConversationState conversation, FoundingRecord founding, PreparedGroup created, ConversationContext context, List<Proposal> proposals)
    {
        var (state, record, group) = (link.State, conversation.Record, created.Group);
        using var commit = _founding.PrepareCommit(group, context, proposals, state.Time.GetUtcNow());
        var (channel, targets, own) = _founding.Describe(state.Relays[record.Relay], group, context, commit, founding.Targets);
        var built = founding with { Stage = FoundingStage.CreatingChannel, Targets = targets, Channel = channel, Welcome = channel.Welcome };
        var changed = _replacement.WithNewLeaf(record, LeafInfo.MailboxOf(state.Crypto, context.MailboxKey, group.OwnLeaf.EncryptionKey.Span)) with
        {
            Group = group.GroupId.Bytes.ToArray(),
            Channel = context.Channel,
            IsMade = false,
            Founder = state.RequireAccount().Id.Value,
            FormerGroups = ResetChain.UpTo(record, founding.OldGroup!),
            PeerCounters = [],
        };
        var more = new StoreChanges().Add(group.GroupId, commit.Change);
        ClientState.Save(ClientState.Save(more, built), own);
        await _replacement.ReplaceAsync(conversation, group, created.Change, changed, more).ConfigureAwait(false);
        commit.Merge();
        (state.Foundings[record.Id], state.Relays[record.Relay]) = (built, own);
    }

    private bool IsDue(ConversationState conversation) =>
        conversation.Record is { PeerContact: not null, IsBlocked: false } and ({ IsDead: true } or { ResetOf: not null, Repair: null }) && !link.State.Foundings.ContainsKey(conversation.Record.Id);

    private async Task AskPersonAsync(ConversationState conversation)
    {
        if (conversation.Record.NeedsReset)
            return;
        var record = conversation.Record with { NeedsReset = true };
        await link.State.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
        conversation.Record = record;
        link.State.Raise(new NoticeRaised(new(link.State, conversation), NoticeKind.ResetNeeded));
    }

    /// <summary>The newest group that the other is known to be in: a Welcome into a later one may never have come to them.</summary>
    private static FormerGroup SharedGroup(ConversationRecord record)
    {
        var isShared = record.FormerGroups.Length == 0 || record.Founder == record.Peer || record.PeerCounters.Length > 0;
        return isShared ? new(record.Group, record.Founder) : record.FormerGroups[^1];
    }

    /// <summary>
    /// A random id; below that of an own group which came after the same one, because of two of one founder the lower one counts.
    /// </summary>
    private GroupId IdAfter(ConversationRecord record, byte[] old)
    {
        var id = Fresh.Bytes(link.State.Crypto, 16);
        if (ResetChain.SuccessorOf(record, old) is { } other && id.AsSpan().SequenceCompareTo(other.Group) >= 0)
        {
            var limit = BinaryPrimitives.ReadUInt64BigEndian(other.Group);
            BinaryPrimitives.WriteUInt64BigEndian(id, limit == 0 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(id) % limit);
        }

        return new(id);
    }
}
