namespace Sotto.Direct;

/// <summary>Why direct mode refused something. The command turns these into exit codes and advice.</summary>
public enum DirectFailure
{
    /// <summary>Bytes from the peer, or an invite or address from the person, that are not what they should be.</summary>
    Malformed,

    /// <summary>The other side speaks another version or offers no key exchange that this side takes.</summary>
    Unsupported,

    /// <summary>A token was refused. There is one failure and one text for every cause.</summary>
    TokenRefused,

    /// <summary>The handshake does not prove what it must: signature, finished message or commitment.</summary>
    HandshakeRefused,

    /// <summary>The invite is not, or no longer, one of this host's.</summary>
    InviteUnknown,

    /// <summary>Somebody else has used the invite.</summary>
    InviteUsed,

    /// <summary>A remembered person shows another key.</summary>
    KeyChanged,

    /// <summary>The person said that the spoken codes differ.</summary>
    CodeRefused,

    /// <summary>The host is talking with somebody else.</summary>
    Busy,

    /// <summary>The network failed, or the other side went silent.</summary>
    ConnectionLost,

    /// <summary>The identity file cannot be read or its passphrase is wrong.</summary>
    IdentityUnusable,
}

/// <summary>Direct mode refused something. The text is for the person and holds no key, secret or content.</summary>
public sealed class DirectException : Exception
{
    /// <summary>A refusal with its reason and a sentence for the person.</summary>
    public DirectException(DirectFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>The reason.</summary>
    public DirectFailure Failure { get; }

    internal static DirectException Malformed(string what) =>
        new(DirectFailure.Malformed, $"The other side sent {what} that cannot be read.");

    internal static DirectException Token() =>
        new(DirectFailure.TokenRefused, "A message was refused: it was not made by the other side for this place in the conversation.");

    internal static DirectException Handshake() =>
        new(DirectFailure.HandshakeRefused, "The other side could not prove who it is. Nothing was sent to it.");
}
