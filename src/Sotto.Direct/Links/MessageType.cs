namespace Sotto.Direct.Links;

/// <summary>What a message of a conversation is. The number stands inside the token.</summary>
internal enum MessageType : byte
{
    /// <summary>First under every new key: <c>conversation id[16] | uint64 last line shown | uint8 flags</c>.</summary>
    Resume = 1,

    /// <summary><c>uint64 number | uint8 flags | text</c>.</summary>
    Line = 2,

    /// <summary><c>uint64 last line shown</c>; stands for all before it.</summary>
    Ack = 3,

    /// <summary>Empty: says that the connection lives.</summary>
    Ping = 4,

    /// <summary>Host: <c>uint8 method | public key&lt;V16&gt; | signature[64]</c>.</summary>
    ExchangeOffer = 5,

    /// <summary>Joiner, its last under the old keys: <c>ciphertext&lt;V16&gt; | signature[64]</c>.</summary>
    ExchangeAnswer = 6,

    /// <summary>Host, its last under the old keys: empty.</summary>
    ExchangeSwitch = 7,

    /// <summary>Instead of <see cref="Resume"/>, or at any time when the person says so: <c>uint8 reason</c>.</summary>
    Refused = 8,

    /// <summary>No more lines will come: <c>uint64 last number</c>.</summary>
    End = 9,

    /// <summary>Everything of mine is acknowledged and I am leaving: empty.</summary>
    Bye = 10,

    /// <summary><c>uint32 file | uint64 size | name</c>.</summary>
    FileOffer = 16,

    /// <summary><c>uint32 file | uint64 offset to go on from</c>.</summary>
    FileAccept = 17,

    /// <summary>Receiver does not want it: <c>uint32 file</c>.</summary>
    FileDecline = 18,

    /// <summary><c>uint32 file | uint64 offset | bytes</c>.</summary>
    FileChunk = 19,

    /// <summary>All of it is on disk: <c>uint32 file</c>.</summary>
    FileReceived = 20,

    /// <summary>Sender or receiver gives up: <c>uint32 file</c>.</summary>
    FileCancel = 21,
}

/// <summary>An opened message; the body points into the channel's buffer and is valid until the next one is opened.</summary>
internal readonly ref struct Message(MessageType type, ReadOnlySpan<byte> body, long sentAt)
{
    /// <summary>The token's time, Unix seconds by the peer's clock. For showing; nothing depends on it.</summary>
    public long SentAt { get; } = sentAt;

    public MessageType Type { get; } = type;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Counter, type and length in front of the body.</summary>
    public const int HeaderLength = 8 + 1 + 4;

    /// <summary>The most that one token holds before encryption.</summary>
    public const int MaxPlaintext = 64 * 1024;

    /// <summary>The longest body.</summary>
    public const int MaxBody = MaxPlaintext - HeaderLength;
}
