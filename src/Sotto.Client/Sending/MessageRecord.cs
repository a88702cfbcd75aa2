namespace Sotto.Client.Sending;

/// <summary>How far an own message is, or that it is the other's.</summary>
public enum MessageStatus
{
    /// <summary>The other person's.</summary>
    Received,

    /// <summary>Stored here and not yet taken by the relay.</summary>
    Waiting,

    /// <summary>The relay has it.</summary>
    Sent,

    /// <summary>The other person's device has it.</summary>
    Delivered,

    /// <summary>It was shown to the other person.</summary>
    Read,
}

/// <summary>A message as it is stored. Secret.</summary>
internal sealed record MessageRecord
{
    /// <summary>The MIMI content as it was sent.</summary>
    public required byte[] Content { get; init; }

    public required byte[] Id { get; init; }

    public required MessageStatus Status { get; init; }

    /// <summary>Unix milliseconds by the sender's clock.</summary>
    public required long SentAt { get; init; }

    /// <summary>Its place in the channel; 0 until it is known.</summary>
    public ulong Sequence { get; init; }

    public ulong Epoch { get; init; }

    /// <summary>Whether it was shown to the person here.</summary>
    public bool IsShown { get; init; }
}
