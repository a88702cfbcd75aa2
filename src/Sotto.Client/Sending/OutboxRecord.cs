using Sotto.Wire;

namespace Sotto.Client.Sending;

/// <summary>Something that is to be posted to a conversation, until its echo comes back. Secret.</summary>
internal sealed record OutboxRecord
{
    public required Bytes16 Conversation { get; init; }

    /// <summary>The content, for encrypting it anew when the epoch has gone on.</summary>
    public required byte[] Content { get; init; }

    /// <summary>The post as protobuf.</summary>
    public required byte[] Post { get; init; }

    /// <summary>H of its payload: how the echo is known.</summary>
    public required Bytes32 PayloadHash { get; init; }

    /// <summary>The epoch that it was encrypted in.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>The message's place; null for what nobody sees.</summary>
    public ulong? Place { get; init; }
}
