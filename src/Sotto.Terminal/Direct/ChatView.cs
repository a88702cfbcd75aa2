using Sotto.Direct.Conversations;

namespace Sotto.Terminal.Direct;

/// <summary>A piece of text from the peer.</summary>
/// <param name="Conversation">The conversation's id, hexadecimal; empty in paper mode.</param>
/// <param name="Sender">The peer's name.</param>
/// <param name="Verified">Whether the name can be believed.</param>
/// <param name="Id">The line's number in the conversation.</param>
/// <param name="SentAt">When it was sealed, Unix seconds by the peer's clock.</param>
/// <param name="Text">The bytes.</param>
/// <param name="Shape">How they stand to a line.</param>
internal sealed record ReceivedText(string Conversation, string Sender, bool Verified, long Id, long SentAt, ReadOnlyMemory<byte> Text, LineShape Shape);

/// <summary>Something to tell the person, or a script.</summary>
/// <param name="Kind">The event's name in JSON.</param>
/// <param name="Text">The sentence for a person, in plain words.</param>
/// <param name="IsWarning">Whether it must not be overlooked.</param>
/// <param name="Fields">What else a script may want: strings, numbers and booleans.</param>
internal sealed record Telling(string Kind, string? Text, bool IsWarning, params (string Name, object Value)[] Fields)
{
    /// <summary>Sentences that hold a link or rows of their own, which are printed as they are.</summary>
    public string? Verbatim { get; init; }

    /// <summary>Replaces the status line, as progress does.</summary>
    public bool IsProgress { get; init; }
}

/// <summary>Where a conversation is shown: a screen, a pipe, or JSON lines.</summary>
internal abstract class ChatView : IAsyncDisposable
{
    /// <summary>Shows text from the peer. It counts as shown after <see cref="FlushAsync"/>.</summary>
    public abstract void Show(ReceivedText text);

    /// <summary>Tells something.</summary>
    public abstract void Tell(Telling telling);

    /// <summary>Makes sure that everything shown so far has left this program.</summary>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
