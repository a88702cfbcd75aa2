namespace Sotto.Client.Sending;

/// <summary>An own content that the relay took and the other has not seen: a relay that is restored may have lost it. Secret.</summary>
internal sealed record UnseenContent
{
    /// <summary>The MIMI content.</summary>
    public required byte[] Content { get; init; }

    /// <summary>The message's place; null for what nobody sees.</summary>
    public ulong? Place { get; init; }
}
