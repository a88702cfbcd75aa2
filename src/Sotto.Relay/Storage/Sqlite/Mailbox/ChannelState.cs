using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>A mailbox as the writer's thread knows it.</summary>
internal sealed class MailboxState
{
    public required Bytes16 Id { get; init; }

    public Bytes32? ClaimHash { get; set; }

    public Bytes32? ReadHash { get; set; }

    public Bytes32? NextReadHash { get; set; }

    /// <summary>The last sequence acknowledged; may be ahead of its row until the next settling.</summary>
    public ulong Cursor { get; set; }

    public ulong? DroppedAt { get; set; }

    public byte[]? Note { get; set; }

    public byte[]? WakeToken { get; set; }

    /// <summary>The Unix day on which it was added, or dropped.</summary>
    public required long Day { get; set; }

    public bool CursorIsAhead { get; set; }

    /// <summary>Whether it keeps entries in the channel: a dropped one reads what it may for 30 days.</summary>
    public ulong NeedsAfter => DroppedAt is { } last && Cursor >= last ? ulong.MaxValue : Cursor;
}

/// <summary>
/// A channel as the writer's thread knows it: its row, its mailboxes, and how much lies in it. It is changed together with
/// the rows and forgotten whole when a group is rolled back.
/// </summary>
internal sealed class ChannelState
{
    public required ChannelKey Key { get; init; }

    public required Bytes16 Id { get; init; }

    public required ChannelKind Kind { get; init; }

    public required ulong Incarnation { get; set; }

    public required ulong NextSequence { get; set; }

    /// <summary>The first sequence that was not given up.</summary>
    public required ulong FirstSequence { get; set; }

    public required ulong Number { get; set; }

    public required Bytes32 WriteHash { get; set; }

    public Bytes32? PreviousWriteHash { get; set; }

    /// <summary>Unix seconds.</summary>
    public required long OverlapUntil { get; set; }

    public required uint Proposals { get; set; }

    public Dictionary<Bytes16, MailboxState> Mailboxes { get; } = [];

    /// <summary>The settled posts of the last days by idempotency id, and where their answer is.</summary>
    public Dictionary<Bytes16, ulong> Answers { get; } = [];

    /// <summary>Entries that somebody still needs.</summary>
    public int Backlog { get; set; }

    /// <summary>Their size in bytes.</summary>
    public long BacklogBytes { get; set; }

    /// <summary>Up to here everybody has acknowledged, as of the last look.</summary>
    public ulong Released { get; set; }

    /// <summary>Up to here entries lie in <c>entries</c> or are gone; what follows lies in the log.</summary>
    public ulong Settled { get; set; }

    public ulong Head => NextSequence - 1;

    /// <summary>The last sequence that every mailbox has acknowledged; the head when there is no mailbox.</summary>
    public ulong AcknowledgedByAll()
    {
        var lowest = Head;
        foreach (var mailbox in Mailboxes.Values)
            lowest = Math.Min(lowest, mailbox.NeedsAfter);
        return lowest;
    }
}
