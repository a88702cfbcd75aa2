using Google.Protobuf;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Channels;

/// <summary>A mailbox that a commit adds.</summary>
/// <param name="Mailbox">Its id.</param>
/// <param name="ClaimTokenHash">H of the token that claims it.</param>
public readonly record struct NewMailbox(Bytes16 Mailbox, Bytes32 ClaimTokenHash);

/// <summary>What a commit changes in its channel.</summary>
/// <param name="Number">The handshake number it creates.</param>
/// <param name="NextWriteCapabilityHash">The write capability from here on.</param>
/// <param name="Added">Mailboxes to add, all different.</param>
/// <param name="Dropped">Mailboxes to drop, all different and none of the added.</param>
/// <param name="Cut">The capability before ends at once.</param>
/// <param name="ProposalsRead">How many proposals of this epoch the writer read.</param>
/// <param name="Proven">A receipt of an earlier incarnation for this very commit came along and was checked.</param>
public sealed record NewCommit(
    ulong Number,
    Bytes32 NextWriteCapabilityHash,
    IReadOnlyList<NewMailbox> Added,
    IReadOnlyList<Bytes16> Dropped,
    bool Cut,
    uint ProposalsRead,
    bool Proven);

/// <summary>Who leaves with a proposal.</summary>
/// <param name="Mailbox">The poster's mailbox.</param>
/// <param name="ReadCapabilityHash">H of its read capability.</param>
public sealed record NewLeaving(Bytes16 Mailbox, Bytes32 ReadCapabilityHash);

/// <summary>How an intro post comes in.</summary>
/// <param name="ReserveKeyHash">H of the reserve key that it shows.</param>
/// <param name="TokenHash">H of the voucher, for the strangers' lane.</param>
public sealed record NewIntro(Bytes32? ReserveKeyHash, Bytes32? TokenHash);

/// <summary>
/// A post that was read and checked as far as that goes without the channel. It carries its entry encoded for readers,
/// without the sequence, which only the store knows.
/// </summary>
public sealed record NewEntry
{
    /// <summary>The channel.</summary>
    public required Bytes16 Channel { get; init; }

    /// <summary>The kind; never ephemeral.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>The last handshake number the writer processed.</summary>
    public required ulong LastNumber { get; init; }

    /// <summary>H of the write or lane capability.</summary>
    public required Bytes32 CapabilityHash { get; init; }

    /// <summary>Random; remembered for 48 hours.</summary>
    public required Bytes16 IdempotencyId { get; init; }

    /// <summary>H of the whole post.</summary>
    public required Bytes32 Digest { get; init; }

    /// <summary>Days after which nobody needs it.</summary>
    public required int KeepDays { get; init; }

    /// <summary>The <see cref="Entry"/> without sequence and receipt.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Set for a commit.</summary>
    public NewCommit? Commit { get; init; }

    /// <summary>Makes the receipt of a commit when it is taken: a serialised <see cref="CommitReceipt"/>.</summary>
    public Func<byte[]>? Receipt { get; init; }

    /// <summary>Set for a proposal.</summary>
    public NewLeaving? Leaving { get; init; }

    /// <summary>Set for an intro entry.</summary>
    public NewIntro? Intro { get; init; }

    /// <summary>The entry as readers get it. Fields that come later in Protobuf bytes are merged into the earlier ones.</summary>
    public byte[] Encode(ulong sequence)
    {
        var end = EncodeEnd(sequence, Receipt?.Invoke());
        var bytes = new byte[Body.Length + end.Length];
        Body.Span.CopyTo(bytes);
        end.CopyTo(bytes, Body.Length);
        return bytes;
    }

    private static byte[] EncodeEnd(ulong sequence, byte[]? receipt)
    {
        var inCommit = receipt is null ? 0 : LengthOf(CommitFacts.ReceiptFieldNumber, receipt.Length);
        var bytes = new byte[1 + CodedOutputStream.ComputeUInt64Size(sequence) + (receipt is null ? 0 : LengthOf(Entry.CommitFieldNumber, inCommit))];
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(Entry.SequenceFieldNumber, WireFormat.WireType.Varint);
        output.WriteUInt64(sequence);
        if (receipt is null)
            return bytes;
        output.WriteTag(Entry.CommitFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(inCommit);
        output.WriteTag(CommitFacts.ReceiptFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(receipt));
        return bytes;
    }

    private static int LengthOf(int field, int length) =>
        CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeLengthSize(length) + length;
}
