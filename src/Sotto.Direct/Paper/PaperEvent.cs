namespace Sotto.Direct.Paper;

/// <summary>Why something that arrived is not shown.</summary>
public enum PaperRefusal
{
    /// <summary>It does not begin like a token.</summary>
    NotAToken,

    /// <summary>It begins like a token and does not open: another key, changed, or cut.</summary>
    DoesNotOpen,

    /// <summary>More arrived without an end than the longest token has.</summary>
    TooLong,

    /// <summary>It was made too long ago.</summary>
    TooOld,

    /// <summary>It was made too far in the future.</summary>
    FromTheFuture,

    /// <summary>It was received or sent here before.</summary>
    SeenBefore,

    /// <summary>More tokens arrived than can be remembered, so that a repeated one could not be told from a new one.</summary>
    TooMany,
}

/// <summary>What happens in a conversation in paper mode. Closed: these three are all.</summary>
public abstract record PaperEvent
{
    private protected PaperEvent()
    {
    }
}

/// <summary>The peer, or whoever else has the key, said something.</summary>
/// <param name="Line">The bytes as they were encrypted: usually UTF-8, but that is for the receiver to check. May be empty.</param>
/// <param name="MadeAt">The time in the token, in seconds since 1970, by the sender's clock.</param>
public sealed record PaperLine(ReadOnlyMemory<byte> Line, long MadeAt) : PaperEvent
{
    /// <summary>Whether time and bytes are the same.</summary>
    public bool Equals(PaperLine? other) => other is not null && MadeAt == other.MadeAt && Line.Span.SequenceEqual(other.Line.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(MadeAt);
        hash.AddBytes(Line.Span);
        return hash.ToHashCode();
    }

    /// <summary>Never the line.</summary>
    public override string ToString() => $"PaperLine ({Line.Length} bytes)";
}

/// <summary>Something arrived and is not shown.</summary>
/// <param name="Reason">The reason, for callers that act on it.</param>
public sealed record PaperRefused(PaperRefusal Reason) : PaperEvent
{
    /// <summary>A sentence for the person. It holds nothing of what arrived.</summary>
    public string Sentence => Reason switch
    {
        PaperRefusal.NotAToken => "Something arrived that is not a token; it is not shown.",
        PaperRefusal.DoesNotOpen => "A token arrived that does not open with this key: it was made with another key, or changed or cut on the way. It is not shown.",
        PaperRefusal.TooLong => "More than 64 KiB arrived without the end of a token; it is not shown.",
        PaperRefusal.TooOld => "A token arrived that was made more than 60 seconds ago; it is not shown. Somebody held it back or sent it again, or one of the two clocks is wrong.",
        PaperRefusal.FromTheFuture => "A token arrived that was made more than 60 seconds in the future; it is not shown. One of the two clocks is wrong.",
        PaperRefusal.SeenBefore => "A token arrived that was already received or sent here; it is not shown again. Somebody may be sending what they recorded.",
        PaperRefusal.TooMany => "More tokens arrived within two minutes than can be told apart from repeated ones; the newest is not shown.",
        _ => throw new InvalidOperationException("A refusal without a sentence."),
    };
}

/// <summary>Nothing more will arrive. The last event.</summary>
/// <param name="Politely">True when the peer closed its side; false when the connection broke.</param>
public sealed record PaperClosed(bool Politely) : PaperEvent;
