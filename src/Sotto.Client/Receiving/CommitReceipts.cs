using System.Buffers.Binary;
using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Storage;
using Sotto.Mls.Groups;
using Sotto.Wire;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Client.Receiving;

/// <summary>
/// The newest commits of a channel as posts that can be made again, each with the relay's receipt: a relay that was restored takes
/// them back (docs/protocol/relay.md).
/// </summary>
internal sealed class CommitReceipts(ClientState state)
{
    private const ulong Most = 20;
    private const int IncarnationLength = 8;

    /// <summary>Whether the relay signed that it took this commit in this channel.</summary>
    public bool Holds(Bytes32 relayKey, Bytes16 channel, Entry entry) =>
        entry.Commit?.Receipt is { } receipt
        && receipt.Incarnation.Length == IncarnationLength
        && receipt.Number == entry.Number
        && RecordSigning.Verifies(state.Crypto, relayKey, SignContent.CommitReceipt, ContentOf(channel, entry, receipt), receipt.Signature.Span);

    /// <summary>Adds the commit to the changes that apply it. Called in the epoch before it.</summary>
    public void Keep(ConversationRecord record, MlsGroup before, Entry entry, StoreChanges changes)
    {
        var post = new Post
        {
            Channel = record.Channel.ToWire(),
            LastNumber = entry.Number - 1,
            EpochTag = entry.EpochTag,
            Kind = EntryKind.Commit,
            IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
            Capability = ChannelKeys.WriteCapability(before, record.Channel).ToWire(),
            Payload = entry.Payload,
            Commit = new()
            {
                Number = entry.Number,
                NextWriteCapabilityHash = entry.Commit.NextWriteCapabilityHash,
                Added = { entry.Commit.Added },
                Dropped = { entry.Commit.Dropped },
                Cut = entry.Commit.Cut,
                Receipt = entry.Commit.Receipt,
            },
        };
        changes.Save(ClientState.CommitKey(record.Id, entry.Number), post.ToByteArray());
        if (entry.Number > Most)
            changes.Delete(ClientState.CommitKey(record.Id, entry.Number - Most));
    }

    /// <summary>Whether another commit was processed under this number: members would go apart.</summary>
    public async Task<bool> IsForkAsync(ConversationRecord record, Entry entry) =>
        await state.Store.FindAsync(ClientState.CommitKey(record.Id, entry.Number)).ConfigureAwait(false) is { } kept
        && !Post.Parser.ParseFrom(kept).Payload.Equals(entry.Payload);

    /// <summary>The kept ones above a number, in order.</summary>
    public async Task<IReadOnlyList<Post>> AboveAsync(ConversationRecord record, ulong number)
    {
        var kept = await state.Store.ReadAsync(StoreTable.Commits, record.Id.ToArray()).ConfigureAwait(false);
        return [.. kept.Select(stored => Post.Parser.ParseFrom(stored.Value)).Where(post => post.Commit.Number > number).OrderBy(post => post.Commit.Number)];
    }

    private static byte[] ContentOf(Bytes16 channel, Entry entry, CommitReceipt receipt) => new TlsWriter()
        .Sixteen(channel).Number64(BinaryPrimitives.ReadUInt64BigEndian(receipt.Incarnation.Span)).Number64(entry.Number)
        .ThirtyTwo(Bytes32.HashOf(entry.Payload.Span)).Bytes(entry.Commit.NextWriteCapabilityHash.Span).ToArray();
}
