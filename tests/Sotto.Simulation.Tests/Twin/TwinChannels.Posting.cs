using System.Buffers.Binary;
using Google.Protobuf;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>Posting: shape, idempotency id, capability, number, in the contract's order.</summary>
internal sealed partial class TwinChannels
{
    private const int CommitDays = 90;
    private const int MessageDays = 30;
    private const int IntroDays = 60;

    private Frame Post(Post post)
    {
        CheckShape(post);
        var (id, idempotency, digest) = (Sixteen(post.Channel), Sixteen(post.IdempotencyId), Bytes32.HashOf(post.ToByteArray()));
        var kind = post.Kind == EntryKind.IntroEntry ? ChannelKind.Intro : ChannelKind.Conversation;
        if (!State.Channels.TryGetValue(id, out var channel) || channel.Kind != kind)
            throw relay.Refuse(RelayProblem.Refused, "a post to an unknown channel");
        if (channel.Answers.TryGetValue(idempotency, out var first))
            return first.Digest == digest ? Posted(first.Sequence) : throw relay.Refuse(RelayProblem.Conflict, "other bytes under a known idempotency id");
        channel = post.Kind switch
        {
            EntryKind.Commit => TakeCommit(channel, post),
            EntryKind.Application => TakeMessage(channel, post),
            EntryKind.IntroEntry => TakeIntro(channel, post),
            _ => throw relay.Refuse(RelayProblem.UnknownRequest, $"a post of kind {post.Kind}"),
        };
        Save(id, channel with { Answers = channel.Answers.Add(idempotency, new(digest, channel.Head, relay.Now)) });
        return Posted(channel.Head);
    }

    private void CheckShape(Post post)
    {
        var parts = (post.Commit is not null, post.Proposal is not null, post.Intro is not null);
        var fits = post.Kind switch
        {
            EntryKind.Commit => parts == (true, false, false),
            EntryKind.Application => parts == (false, false, false),
            EntryKind.IntroEntry => parts is (false, false, _) && post.EpochTag.IsEmpty,
            _ => false,
        };
        if (!fits || post.WakeClass > 2 || post.Payload.IsEmpty || (post.Kind != EntryKind.IntroEntry && post.EpochTag.Length != Limits.EpochTag))
            throw relay.Refuse(RelayProblem.Malformed, $"a post of kind {post.Kind}");
        if (post.Payload.Length > Limits.Payload || post.Extensions.Length > Limits.Extensions)
            throw relay.Refuse(RelayProblem.TooLarge, $"a post of {post.Payload.Length} bytes");
    }

    private TwinChannel TakeCommit(TwinChannel channel, Post post)
    {
        var part = post.Commit;
        RequireWriter(channel, post);
        if (channel.Write != HashOf(post.Capability) || post.LastNumber != channel.Number || part.Number != channel.Number + 1 || part.ProposalsRead != channel.Proposals)
            throw Stale(channel);
        var isRestored = relay.IsRestored(channel);
        if (isRestored && !IsProven(post))
            throw relay.Refuse(RelayProblem.Restored, "a commit", channel.Number);
        if (part.Added.Any(added => channel.Mailboxes.TryGetValue(Sixteen(added.Mailbox), out var there) && there.DroppedAt is null))
            throw relay.Refuse(RelayProblem.Conflict, "a commit that adds a mailbox that is there");
        var entry = new Entry
        {
            Kind = EntryKind.Commit,
            Number = part.Number,
            EpochTag = post.EpochTag,
            Payload = post.Payload,
            Commit = new() { NextWriteCapabilityHash = part.NextWriteCapabilityHash, Added = { part.Added }, Dropped = { part.Dropped }, Cut = part.Cut, Receipt = ReceiptOf(post) },
        };
        channel = Append(channel, entry, CommitDays, null);
        var mailboxes = channel.Mailboxes;
        foreach (var dropped in part.Dropped.Select(Sixteen).Where(mailboxes.ContainsKey))
            mailboxes = mailboxes.SetItem(dropped, mailboxes[dropped] with { DroppedAt = channel.Head });
        foreach (var added in part.Added)
            mailboxes = mailboxes.SetItem(Sixteen(added.Mailbox), new() { Claim = ThirtyTwo(added.ClaimTokenHash), Cursor = channel.Head });
        return channel with
        {
            Mailboxes = mailboxes,
            WriteBefore = part.Cut ? null : channel.Write,
            OverlapUntil = part.Cut ? 0 : relay.Now + (long)Limits.CapabilityOverlap.TotalSeconds,
            Write = ThirtyTwo(part.NextWriteCapabilityHash),
            Number = part.Number,
            Proposals = 0,
            Incarnation = isRestored ? channel.Incarnation : relay.Incarnation,
        };
    }

    private TwinChannel TakeMessage(TwinChannel channel, Post post)
    {
        RequireWriter(channel, post);
        if (post.LastNumber != channel.Number && post.LastNumber + 1 != channel.Number)
            throw Stale(channel);
        return Append(channel, new() { Kind = post.Kind, Number = post.LastNumber, EpochTag = post.EpochTag, Payload = post.Payload, Extensions = post.Extensions }, MessageDays, null);
    }

    private TwinChannel TakeIntro(TwinChannel channel, Post post)
    {
        var lane = HashOf(post.Capability);
        if (!channel.Lanes.TryGetValue(lane, out var terms))
            throw relay.Refuse(RelayProblem.Refused, "a post through no lane");
        var key = post.Intro is { ReserveKey.IsEmpty: false } ? HashOf(post.Intro.ReserveKey) : (Bytes32?)null;
        if (terms.Kind is LaneKind.SingleUse or LaneKind.MultiUse)
        {
            if (key is not { } reserved || !IsReserved(lane, reserved))
                throw relay.Refuse(RelayProblem.Refused, "a post through a lane without a reservation");
            channel = channel with { Entries = channel.Entries.RemoveRange(channel.Entries.Where(entry => entry.Value.ReserveKey == reserved).Select(entry => entry.Key)) };
            State = State with { Reservations = State.Reservations.SetItem((lane, reserved), relay.Hour + (IntroDays * 24)) };
        }
        else if (terms.ExpiresHour is { } expires && relay.Hour >= expires)
        {
            throw relay.Refuse(RelayProblem.InviteExpired, "a post through a lane");
        }

        var entry = new Entry { Kind = post.Kind, Number = post.LastNumber, Payload = post.Payload, LaneHash = ByteString.CopyFrom(lane.ToArray()), Extensions = post.Extensions };
        return Append(channel, entry, IntroDays, key);
    }

    private TwinChannel Append(TwinChannel channel, Entry entry, int days, Bytes32? key)
    {
        entry.Sequence = channel.Head + 1;
        return channel with { Head = entry.Sequence, Entries = channel.Entries.Add(entry.Sequence, new(entry, relay.Day + days, key)) };
    }

    private void RequireWriter(TwinChannel channel, Post post)
    {
        var hash = HashOf(post.Capability);
        if (channel.Write != hash && (channel.WriteBefore != hash || relay.Now >= channel.OverlapUntil))
            throw relay.Refuse(RelayProblem.Refused, "a post with a capability that does not write");
    }

    private bool IsProven(Post post) =>
        post.Commit.Receipt is { Incarnation.Length: 8 } receipt
        && BinaryPrimitives.ReadUInt64BigEndian(receipt.Incarnation.Span) != relay.Incarnation
        && relay.Signed(ContentOf(post, BinaryPrimitives.ReadUInt64BigEndian(receipt.Incarnation.Span)).ToSign(), receipt.Signature.Span);

    private CommitReceipt ReceiptOf(Post post) => new()
    {
        Incarnation = ByteString.CopyFrom(relay.IncarnationBytes),
        Number = post.Commit.Number,
        PayloadHash = ByteString.CopyFrom(Bytes32.HashOf(post.Payload.Span).ToArray()),
        NextWriteCapabilityHash = post.Commit.NextWriteCapabilityHash,
        Signature = ByteString.CopyFrom(relay.Sign(ContentOf(post, relay.Incarnation).ToSign())),
    };

    private CommitReceiptContent ContentOf(Post post, ulong incarnation) =>
        new(Sixteen(post.Channel), incarnation, post.Commit.Number, Bytes32.HashOf(post.Payload.Span), ThirtyTwo(post.Commit.NextWriteCapabilityHash));

    private Client.Relays.RelayRefusedException Stale(TwinChannel channel) => relay.Refuse(RelayProblem.Stale, "a post", channel.Number);

    private static Frame Posted(ulong sequence) => new() { Posted = new() { Sequence = sequence } };
}
