using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>A post that was taken: where, and what is new.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Sequence">The entry's sequence.</param>
/// <param name="Appended">Null when the same post was taken before.</param>
/// <param name="Dropped">Mailboxes that end with it.</param>
internal sealed record PostTaken(ChannelKey Channel, ulong Sequence, StoredEntry? Appended, IReadOnlyList<Bytes16> Dropped);

/// <summary>Appending entries: the idempotency id first, then the capability, then the number (docs/protocol).</summary>
internal sealed partial class MailboxTables
{
    private readonly long _restoredUntil;
    private long _nextLogId;
    private SqliteStatement _insertLog = null!;
    private SqliteStatement _findAnswer = null!;
    private SqliteStatement _insertAnswer = null!;

    public PostTaken Post(NewEntry entry)
    {
        var channel = Require(entry.Channel, entry.Kind == EntryKind.IntroEntry ? ChannelKind.Intro : ChannelKind.Conversation);
        if (FindAnswer(channel, entry.IdempotencyId) is { } first)
        {
            return first.Digest == entry.Digest
                ? new(channel.Key, first.Sequence, null, [])
                : throw new RelayException(RelayProblem.Conflict);
        }

        return entry.Kind switch
        {
            EntryKind.Commit => PostCommit(channel, entry, entry.Commit!),
            EntryKind.Proposal => PostLeaving(channel, entry, entry.Leaving!),
            EntryKind.Application => PostMessage(channel, entry),
            _ => PostIntro(channel, entry, entry.Intro!),
        };
    }

    /// <summary>Whether a capability may write now, in the current epoch or the overlap after the one before.</summary>
    public ChannelKey CheckWriter(Bytes16 id, Bytes32 capabilityHash)
    {
        var channel = Require(id, ChannelKind.Conversation);
        RequireWriter(channel, capabilityHash);
        return channel.Key;
    }

    private void PreparePosting()
    {
        _insertLog = _connection.Prepare("INSERT INTO log VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
        _findAnswer = _connection.Prepare("SELECT digest FROM answers WHERE channel = ? AND sequence = ?");
        _insertAnswer = _connection.Prepare("INSERT INTO answers VALUES(?, ?, ?, ?, ?)");
    }

    /// <summary>Exactly one commit wins a number; whoever comes later is told that it is stale.</summary>
    private PostTaken PostCommit(ChannelState channel, NewEntry entry, NewCommit commit)
    {
        RequireWriter(channel, entry.CapabilityHash);
        var newest = channel.WriteHash == entry.CapabilityHash;
        if (!newest || entry.LastNumber != channel.Number || commit.Number != channel.Number + 1 || commit.ProposalsRead != channel.Proposals)
            throw Stale(channel);
        if (IsRestored(channel) && !commit.Proven)
            throw new RelayException(RelayProblem.Restored) { Number = channel.Number };
        if (commit.Added.Any(added => channel.Mailboxes.TryGetValue(added.Mailbox, out var there) && there.DroppedAt is null))
            throw new RelayException(RelayProblem.Conflict, "A mailbox that is added is there already.");
        if (commit.Added.Count > 0)
            RequireRoomForMailboxes(channel, commit);
        RequireRoom(channel, entry.Body.Length);

        var taken = Append(channel, entry, commit.Dropped);
        channel.PreviousWriteHash = commit.Cut ? null : channel.WriteHash;
        channel.OverlapUntil = commit.Cut ? 0 : Now + (long)Limits.CapabilityOverlap.TotalSeconds;
        channel.WriteHash = commit.NextWriteCapabilityHash;
        channel.Number = commit.Number;
        channel.Proposals = 0;
        if (!IsRestored(channel))
            channel.Incarnation = Incarnation;
        Save(channel);
        foreach (var dropped in commit.Dropped)
            Drop(channel, dropped, taken.Sequence);
        foreach (var added in commit.Added)
            AddMailbox(channel, new() { Id = added.Mailbox, ClaimHash = added.ClaimTokenHash, Cursor = taken.Sequence, Day = Today });
        return taken;
    }

    /// <summary>A proposal to leave also shows the poster's mailbox, which ends with it.</summary>
    private PostTaken PostLeaving(ChannelState channel, NewEntry entry, NewLeaving leaving)
    {
        RequireWriter(channel, entry.CapabilityHash);
        if (!channel.Mailboxes.TryGetValue(leaving.Mailbox, out var mailbox) || mailbox.DroppedAt is not null || !Opens(mailbox, leaving.ReadCapabilityHash))
            throw Refused();
        if (entry.LastNumber != channel.Number)
            throw Stale(channel);
        RequireRoom(channel, entry.Body.Length);

        var taken = Append(channel, entry, [leaving.Mailbox]);
        channel.Proposals++;
        Save(channel);
        Drop(channel, leaving.Mailbox, taken.Sequence);
        return taken;
    }

    private PostTaken PostMessage(ChannelState channel, NewEntry entry)
    {
        RequireWriter(channel, entry.CapabilityHash);
        var oneBefore = channel.Number > 0 && entry.LastNumber == channel.Number - 1;
        if (entry.LastNumber != channel.Number && !oneBefore)
            throw Stale(channel);
        RequireRoom(channel, entry.Body.Length);
        return Append(channel, entry, []);
    }

    private PostTaken Append(ChannelState channel, NewEntry entry, IReadOnlyList<Bytes16> dropped)
    {
        var body = entry.Encode(channel.NextSequence);
        var row = new LogRow(
            _nextLogId++, channel.Key, channel.NextSequence, Today, Today + entry.KeepDays, entry.IdempotencyId, entry.Digest, body, _time.GetTimestamp());
        _insertLog.Start().With(row.Id).With(row.Channel.Value).With(row.Sequence).With(row.Day).With(row.KeepUntil)
            .With(row.IdempotencyId).With(row.Digest).With(body).Run();
        _log.Stage(row);
        channel.NextSequence++;
        channel.Backlog++;
        channel.BacklogBytes += body.Length;
        return new(channel.Key, row.Sequence, new(row.Sequence, body), dropped);
    }

    private void RequireWriter(ChannelState channel, Bytes32 capabilityHash)
    {
        if (channel.WriteHash == capabilityHash)
            return;
        if (channel.PreviousWriteHash != capabilityHash || Now >= channel.OverlapUntil)
            throw Refused();
    }

    /// <summary>A channel of an earlier incarnation, in the time in which it may have gone further than this relay knows.</summary>
    private bool IsRestored(ChannelState channel) => channel.Incarnation != Incarnation && Now < _restoredUntil;

    private (Bytes32 Digest, ulong Sequence)? FindAnswer(ChannelState channel, Bytes16 idempotencyId)
    {
        if (_log.Find(channel.Key, idempotencyId) is { } recent)
            return (recent.Digest, recent.Sequence);
        if (!channel.Answers.TryGetValue(idempotencyId, out var sequence))
            return null;
        _findAnswer.Start().With(channel.Key.Value).With(sequence).Next();
        var digest = _findAnswer.ThirtyTwo(0);
        _findAnswer.Reset();
        return (digest, sequence);
    }

    private void InsertAnswer(ChannelState channel, Bytes16 id, Bytes32 digest, ulong sequence, long day)
    {
        _insertAnswer.Start().With(channel.Key.Value).With(sequence).With(id).With(digest).With(day).Run();
        channel.Answers[id] = sequence;
        _answersKnown++;
    }

    private static RelayException Stale(ChannelState channel) => new(RelayProblem.Stale) { Number = channel.Number };
}
