using System.Buffers.Binary;
using Google.Protobuf;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Channels;

/// <summary>Reads a post as far as that goes without its channel, and encodes the entry that readers will get.</summary>
internal sealed class PostReader(RelayIdentity identity, ulong incarnation)
{
    private const int CommitDays = 90;
    private const int MessageDays = 30;
    private const int SecondsInDay = 86_400;

    /// <summary>A post of any kind but ephemeral.</summary>
    /// <exception cref="RelayException">It is not what the contract says.</exception>
    public NewEntry Read(Post post)
    {
        var entry = new Entry { Kind = post.Kind, Extensions = post.Extensions };
        CheckShape(post);
        if (post.Blob is null)
            entry.Payload = FrameFields.AtMost(post.Payload, Limits.Payload);
        else
            entry.Blob = CheckBlob(post.Blob);
        if (post.Kind != EntryKind.IntroEntry)
            entry.EpochTag = FrameFields.Exactly(post.EpochTag, Limits.EpochTag);

        var commit = post.Kind == EntryKind.Commit ? ReadCommit(post, entry) : null;
        entry.Number = commit?.Number ?? post.LastNumber;
        var leaving = post.Kind == EntryKind.Proposal ? ReadLeaving(post.Proposal, entry) : null;
        var capability = FrameFields.HashOfCapability(post.Capability);
        if (post.Kind == EntryKind.IntroEntry)
            entry.LaneHash = FrameFields.From(capability);
        return new()
        {
            Channel = FrameFields.Sixteen(post.Channel),
            Kind = post.Kind,
            LastNumber = post.LastNumber,
            CapabilityHash = capability,
            IdempotencyId = FrameFields.Sixteen(post.IdempotencyId),
            Digest = Bytes32.HashOf(post.ToByteArray()),
            KeepDays = KeepDays(post),
            Body = entry.ToByteArray(),
            Commit = commit,
            Receipt = commit is null ? null : () => SignReceipt(post, commit),
            Leaving = leaving,
            Intro = post.Kind == EntryKind.IntroEntry ? ReadIntro(post.Intro) : null,
        };
    }

    private static void CheckShape(Post post)
    {
        FrameFields.AtMost(post.Extensions, Limits.Extensions);
        var parts = (post.Commit is not null, post.Proposal is not null, post.Intro is not null);
        var fits = post.Kind switch
        {
            EntryKind.Commit => parts == (true, false, false),
            EntryKind.Proposal => parts == (false, true, false),
            EntryKind.Application => parts == (false, false, false),
            EntryKind.IntroEntry => parts is (false, false, _) && post.EpochTag.IsEmpty,
            _ => false,
        };
        if (!fits || post.WakeClass > 2 || (post.Blob is null) == post.Payload.IsEmpty)
            throw FrameFields.Malformed();
    }

    private static BlobReference CheckBlob(BlobReference blob)
    {
        FrameFields.Sixteen(blob.Blob);
        FrameFields.ThirtyTwo(blob.Hash);
        return blob.Length is > 0 and <= (ulong)Limits.Blob ? blob : throw FrameFields.Malformed();
    }

    private NewCommit ReadCommit(Post post, Entry entry)
    {
        var part = post.Commit;
        if (part.Added.Count > Limits.MailboxesInCommit || part.Dropped.Count > Limits.MailboxesInCommit)
            throw new RelayException(RelayProblem.TooLarge);
        var added = part.Added.Select(mailbox => new NewMailbox(FrameFields.Sixteen(mailbox.Mailbox), FrameFields.ThirtyTwo(mailbox.ClaimTokenHash))).ToList();
        var dropped = part.Dropped.Select(FrameFields.Sixteen).ToList();
        if (added.Select(mailbox => mailbox.Mailbox).Concat(dropped).Distinct().Count() != added.Count + dropped.Count)
            throw FrameFields.Malformed();
        var next = FrameFields.ThirtyTwo(part.NextWriteCapabilityHash);
        entry.Commit = new()
        {
            NextWriteCapabilityHash = part.NextWriteCapabilityHash,
            Added = { part.Added },
            Dropped = { part.Dropped },
            Cut = part.Cut,
        };
        return new(part.Number, next, added, dropped, part.Cut, part.ProposalsRead, IsProven(post, next));
    }

    /// <summary>A receipt counts when this relay signed it in an earlier incarnation, for this very commit.</summary>
    private bool IsProven(Post post, Bytes32 next)
    {
        if (post.Commit.Receipt is not { } receipt)
            return false;
        if (receipt.Incarnation.Length != 8 || receipt.Signature.Length != SignedRecord.SignatureLength)
            throw FrameFields.Malformed();
        var earlier = BinaryPrimitives.ReadUInt64BigEndian(receipt.Incarnation.Span);
        var content = new CommitReceiptContent(FrameFields.Sixteen(post.Channel), earlier, post.Commit.Number, PayloadHash(post), next);
        return earlier != incarnation && identity.Verifies(content.ToSign(), receipt.Signature.Span);
    }

    private byte[] SignReceipt(Post post, NewCommit commit)
    {
        var payloadHash = PayloadHash(post);
        var content = new CommitReceiptContent(FrameFields.Sixteen(post.Channel), incarnation, commit.Number, payloadHash, commit.NextWriteCapabilityHash);
        var number = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, incarnation);
        return new CommitReceipt
        {
            Incarnation = UnsafeByteOperations.UnsafeWrap(number),
            Number = commit.Number,
            PayloadHash = FrameFields.From(payloadHash),
            NextWriteCapabilityHash = FrameFields.From(commit.NextWriteCapabilityHash),
            Signature = UnsafeByteOperations.UnsafeWrap(identity.Sign(content.ToSign())),
        }.ToByteArray();
    }

    private static Bytes32 PayloadHash(Post post) => post.Blob is { } blob ? FrameFields.ThirtyTwo(blob.Hash) : Bytes32.HashOf(post.Payload.Span);

    private static NewLeaving ReadLeaving(ProposalPart part, Entry entry)
    {
        entry.DroppedMailbox = part.Mailbox;
        return new(FrameFields.Sixteen(part.Mailbox), FrameFields.HashOfCapability(part.ReadCapability));
    }

    private static NewIntro ReadIntro(IntroPart? part) => new(
        part is { ReserveKey.IsEmpty: false } ? FrameFields.HashOfCapability(part.ReserveKey) : null,
        part?.Token is { } token ? FrameFields.HashOfToken(token) : null);

    private static int KeepDays(Post post)
    {
        var days = post.Kind == EntryKind.Commit ? CommitDays : MessageDays;
        return post.ExpiresIn == 0 ? days : Math.Min(days, 1 + (int)Math.Min(post.ExpiresIn / SecondsInDay, CommitDays));
    }
}
