using System.Security.Cryptography;
using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>Mailboxes: who may read, and how far they are.</summary>
internal sealed partial class MailboxTables
{
    private SqliteStatement _saveMailbox = null!;

    /// <summary>The same claim again is a success; a claim of somebody else's mailbox is a conflict, which its owner makes known.</summary>
    public bool Claim(Bytes16 id, Bytes16 mailboxId, Bytes32 claimTokenHash, Bytes32 readCapabilityHash)
    {
        if (Find(id) is not { } channel || !channel.Mailboxes.TryGetValue(mailboxId, out var mailbox) || mailbox.ClaimHash != claimTokenHash || mailbox.DroppedAt is not null)
            throw Refused();
        if (mailbox.ReadHash is { } taken)
        {
            return taken == readCapabilityHash || mailbox.NextReadHash == readCapabilityHash
                ? true
                : throw new RelayException(RelayProblem.Conflict, "The mailbox was claimed with another capability.");
        }

        mailbox.ReadHash = readCapabilityHash;
        Save(channel, mailbox);
        return true;
    }

    public bool Rekey(MailboxAccess access, Bytes32 newReadCapabilityHash)
    {
        var (channel, mailbox) = Open(access);
        if (mailbox.ReadHash == newReadCapabilityHash)
            return true;
        mailbox.NextReadHash = newReadCapabilityHash;
        Save(channel, mailbox);
        return true;
    }

    public OpenedMailbox OpenForReading(MailboxAccess access)
    {
        var (channel, mailbox) = Open(access);
        return Opened(channel, mailbox);
    }

    /// <summary>The same, if what is to be read is still there.</summary>
    public OpenedMailbox OpenForListening(MailboxAccess access, ulong? after)
    {
        var (channel, mailbox) = Find(access);
        var begin = after ?? mailbox.Cursor;
        if (begin > channel.Head)
            throw new RelayException(RelayProblem.Malformed);
        if (begin + 1 < channel.FirstSequence)
            throw new RelayException(RelayProblem.Expired) { FirstSequence = channel.FirstSequence };
        Use(access, channel, mailbox);
        return Opened(channel, mailbox);
    }

    /// <summary>Compare and replace, so that a note of an older state never takes a newer one's place unnoticed.</summary>
    public bool SetNote(MailboxAccess access, Bytes32? oldNoteHash, byte[] note)
    {
        var (channel, mailbox) = Open(access);
        if (mailbox.Note is { } there && CryptographicOperations.FixedTimeEquals(there, note))
            return true;
        var current = mailbox.Note is { } bytes ? Bytes32.HashOf(bytes) : (Bytes32?)null;
        if (current != oldNoteHash)
            throw new RelayException(RelayProblem.Conflict, "Another note is there.");
        mailbox.Note = note;
        Save(channel, mailbox);
        return true;
    }

    public bool SetWakeToken(MailboxAccess access, byte[]? wakeToken)
    {
        var (channel, mailbox) = Open(access);
        mailbox.WakeToken = wakeToken;
        Save(channel, mailbox);
        return true;
    }

    private void PrepareMailboxes() => _saveMailbox = _connection.Prepare("INSERT OR REPLACE INTO mailboxes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    /// <summary>The mailbox that a capability opens, used with it.</summary>
    private (ChannelState Channel, MailboxState Mailbox) Open(MailboxAccess access)
    {
        var (channel, mailbox) = Find(access);
        Use(access, channel, mailbox);
        return (channel, mailbox);
    }

    private static OpenedMailbox Opened(ChannelState channel, MailboxState mailbox) =>
        new(channel.Key, mailbox.Cursor, channel.Head, channel.FirstSequence, channel.Number, mailbox.DroppedAt, mailbox.Note);

    private (ChannelState Channel, MailboxState Mailbox) Find(MailboxAccess access)
    {
        if (Find(access.Channel) is not { } channel || !channel.Mailboxes.TryGetValue(access.Mailbox, out var mailbox) || !Opens(mailbox, access.ReadCapabilityHash))
            throw Refused();
        return (channel, mailbox);
    }

    /// <summary>The first use of the next capability ends the one before.</summary>
    private void Use(MailboxAccess access, ChannelState channel, MailboxState mailbox)
    {
        if (mailbox.NextReadHash == access.ReadCapabilityHash && mailbox.ReadHash != access.ReadCapabilityHash)
        {
            mailbox.ReadHash = mailbox.NextReadHash;
            mailbox.NextReadHash = null;
            Save(channel, mailbox);
        }
    }

    private static bool Opens(MailboxState mailbox, Bytes32 capabilityHash) =>
        mailbox.ReadHash == capabilityHash || mailbox.NextReadHash == capabilityHash;

    /// <summary>As many as a group has leaves, and with those that were dropped lately not many times as many.</summary>
    private static void RequireRoomForMailboxes(ChannelState channel, NewCommit commit)
    {
        var live = channel.Mailboxes.Values.Count(mailbox => mailbox.DroppedAt is null);
        var leaving = commit.Dropped.Distinct().Count(id => channel.Mailboxes.TryGetValue(id, out var mailbox) && mailbox.DroppedAt is null);
        var replaced = commit.Added.Count(added => channel.Mailboxes.ContainsKey(added.Mailbox));
        if (live - leaving + commit.Added.Count > Limits.Mailboxes || channel.Mailboxes.Count - replaced + commit.Added.Count > Limits.MailboxesKept)
            throw new RelayException(RelayProblem.QuotaReached);
    }

    /// <summary>Adds a mailbox, in place of a dropped one of the same id.</summary>
    private void AddMailbox(ChannelState channel, MailboxState mailbox)
    {
        channel.Mailboxes[mailbox.Id] = mailbox;
        Save(channel, mailbox);
    }

    private void Drop(ChannelState channel, Bytes16 id, ulong sequence)
    {
        if (!channel.Mailboxes.TryGetValue(id, out var mailbox) || mailbox.DroppedAt is not null)
            return;
        mailbox.DroppedAt = sequence;
        mailbox.Day = Today;
        Save(channel, mailbox);
    }

    private void Save(ChannelState channel, MailboxState mailbox)
    {
        _saveMailbox.Start().With(channel.Key.Value).With(mailbox.Id).With(mailbox.ClaimHash).With(mailbox.ReadHash).With(mailbox.NextReadHash)
            .With(mailbox.Cursor).With((long?)mailbox.DroppedAt).With(mailbox.Note).With(mailbox.WakeToken).With(mailbox.Day).Run();
        CursorSaved(channel, mailbox);
    }
}
