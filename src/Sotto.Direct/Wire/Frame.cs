namespace Sotto.Direct.Wire;

/// <summary>
/// What stands on the TCP stream: <c>uint32 length | uint8 type | body</c>, where the length counts type and body.
/// Five handshake frames, then tokens only.
/// </summary>
internal enum FrameType : byte
{
    JoinHello = 1,
    HostOffer = 2,
    JoinReply = 3,
    HostAuth = 4,
    JoinAuth = 5,

    /// <summary>One Fernet token.</summary>
    Token = 16,

    /// <summary>One byte, an <see cref="Alert"/>; only before the handshake ends, and believed by nobody.</summary>
    Alert = 127,
}

/// <summary>Why a handshake ended. Unauthenticated: good for a hint to the person and for nothing else.</summary>
internal enum Alert : byte
{
    Refused = 1,
    Unsupported = 2,
    InviteUnknown = 3,
    InviteUsed = 4,
}

/// <summary>A frame as read; the body points into the reader's buffer and is valid until the next read.</summary>
internal readonly ref struct Frame(FrameType type, ReadOnlySpan<byte> body)
{
    public FrameType Type { get; } = type;

    public ReadOnlySpan<byte> Body { get; } = body;

    public const int HeaderLength = 5;

    /// <summary>No handshake frame is longer than an RSA or X-Wing offer with room to spare.</summary>
    public const int MaxHandshakeBody = 4096;
}
