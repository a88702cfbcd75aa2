namespace Sotto.Client;

/// <summary>Why something was refused that a person or a peer asked for.</summary>
public enum ClientFailure
{
    /// <summary>A link that is none.</summary>
    MalformedInvite,

    /// <summary>Nobody can join with this invite any more: it was used.</summary>
    InviteUsed,

    /// <summary>The invite's time is over.</summary>
    InviteExpired,

    /// <summary>The inviter took the invite back.</summary>
    InviteRevoked,

    /// <summary>One's own invite.</summary>
    OwnInvite,

    /// <summary>The relay does not know the invite.</summary>
    InviteUnknown,

    /// <summary>The relay cannot be reached.</summary>
    RelayUnreachable,

    /// <summary>The relay is not the one that was named, or its identity does not verify.</summary>
    RelayNotGenuine,

    /// <summary>The relay refused a request.</summary>
    RelayRefused,

    /// <summary>The relay is busy or at a limit.</summary>
    RelayBusy,

    /// <summary>Keys, signatures or records of somebody do not belong to the account that was named.</summary>
    IdentityRefused,

    /// <summary>There is no account here yet.</summary>
    NoAccount,

    /// <summary>No conversation of that name, or several.</summary>
    UnknownConversation,

    /// <summary>This profile is an old copy, or runs twice: writing would use keys a second time.</summary>
    ReadOnly,

    /// <summary>A name, text or picture is too long or empty.</summary>
    TooLong,

    /// <summary>Another process took the store over.</summary>
    StoreTaken,

    /// <summary>The store cannot be opened with this key, or was damaged.</summary>
    StoreUnusable,

    /// <summary>The disk is full or failed; nothing was changed.</summary>
    StoreFailed,

    /// <summary>The store was written by a newer version.</summary>
    StoreTooNew,
}

/// <summary>Something was refused. The text is for people and holds no key, token, name or message.</summary>
public sealed class ClientException(ClientFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The reason.</summary>
    public ClientFailure Failure { get; } = failure;
}
