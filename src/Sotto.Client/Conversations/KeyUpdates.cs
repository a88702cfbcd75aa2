using Google.Protobuf;
using Sotto.Client.Storage;
using Sotto.Mls.Groups;
using Sotto.Wire.Stream;

namespace Sotto.Client.Conversations;

/// <summary>
/// Renews the own keys by a commit with a path, so that what was stolen before is of no use after: with the next message once 20
/// were sent or an hour passed, and always every 7 days.
/// </summary>
internal sealed class KeyUpdates(ClientState state)
{
    private const int MostSent = 20;
    private static readonly TimeSpan WhenTalking = TimeSpan.FromHours(1);
    private static readonly TimeSpan Always = TimeSpan.FromDays(7);

    /// <summary>Whether it is time.</summary>
    public bool IsDue(ConversationState conversation)
    {
        var record = conversation.Record;
        if (record.PendingCommit is not null || record.RekeyIsDue || conversation.Group.HasPendingCommit || !conversation.IsReady || !conversation.IsCaughtUp)
            return false;
        var age = state.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(record.UpdatedAt);
        return record.SentSinceUpdate >= MostSent || (record.SentSinceUpdate > 0 && age >= WhenTalking) || age >= Always;
    }

    /// <summary>Makes the commit and stores it with the post of it. The caller has entered.</summary>
    public async Task PrepareAsync(ConversationState conversation)
    {
        var (group, record) = (conversation.Group, conversation.Record);
        var authenticated = new MailboxChanges([], [], false).AuthenticatedData();
        using var commit = group.PrepareCommit(
            new()
            {
                ForcePath = true,
                IncludeWaiting = false,
                AuthenticatedData = authenticated,
                Padding = length => PayloadPadding.ZerosFor(group.GroupId, authenticated.Length, length),
                Leaf = new LeafChange { Extensions = OwnLeaf.ExtensionsOf(state, group, record) },
            },
            state.Time.GetUtcNow());
        var changed = record with { PendingCommit = PostOf(state, group, record, commit).ToByteArray(), NextReadCapability = Fresh.ThirtyTwo(state.Crypto) };
        await state.CommitAsync(ClientState.Save(new StoreChanges().Add(group.GroupId, commit.Change), changed)).ConfigureAwait(false);
        commit.Merge();
        conversation.Record = changed;
    }

    /// <summary>What a record looks like once an own commit took effect.</summary>
    public static ConversationRecord Updated(ConversationRecord record, DateTimeOffset now) =>
        record with { PendingCommit = null, SentSinceUpdate = 0, UpdatedAt = now.ToUnixTimeSeconds(), RekeyIsDue = true };

    /// <summary>The post of an own commit that changes no mailbox.</summary>
    public static Post PostOf(ClientState state, MlsGroup group, ConversationRecord record, PreparedCommit commit) => new()
    {
        Channel = record.Channel.ToWire(),
        LastNumber = group.Epoch.Value,
        EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(group, record.Channel)),
        Kind = EntryKind.Commit,
        IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
        Capability = ChannelKeys.WriteCapability(group, record.Channel).ToWire(),
        Payload = ByteString.CopyFrom(commit.Outgoing.Span),
        Commit = new() { Number = group.Epoch.Value + 1, NextWriteCapabilityHash = ChannelKeys.NextWriteCapability(commit, record.Channel).HashToWire() },
    };
}
