using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;

namespace Sotto.Mls.Groups;

/// <summary>How a message is framed.</summary>
public record MessageParameters
{
    /// <summary>The defaults: encrypted, nothing beside, no padding.</summary>
    public static MessageParameters Default { get; } = new();

    /// <summary>What is authenticated beside the content and readable on the way (RFC 9420 §6).</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }

    /// <summary>How many zero bytes are added to what is encrypted; null for none.</summary>
    public PaddingPolicy? Padding { get; init; }

    /// <summary>
    /// Whether a proposal or commit is encrypted, which is the default, or sent as a PublicMessage that the delivery service
    /// can read. Application messages are always encrypted.
    /// </summary>
    public bool Encrypt { get; init; } = true;
}

/// <summary>What a commit does.</summary>
/// <remarks>
/// A commit that adds members without a path is the same each time that it is made in an epoch, and so is the key of its
/// Welcome, which must never encrypt two GroupInfos. So whatever makes the GroupInfo another one than the group and the commit
/// determine makes the commit have a path: <see cref="GroupInfoExtensions"/>, <see cref="TreeInWelcome"/> and
/// <see cref="ExternalPubInWelcome"/> when they are not what they are by default.
/// </remarks>
public sealed record CommitParameters : MessageParameters
{
    /// <summary>Proposals to commit by value. The order of Adds gives their leaves, the order of PSKs their use.</summary>
    public IReadOnlyList<Proposal> Proposals { get; init; } = [];

    /// <summary>Whether the waiting proposals are committed too (RFC 9420 §12.4): those that fit together, but for the two kinds below.</summary>
    public bool IncludeWaiting { get; init; } = true;

    /// <summary>
    /// Whether pre-shared keys that others proposed are mixed in with the rest. Only for who knows that all members, and all
    /// that are added, have them: whoever has not cannot follow the commit. Without it own ones are, when nobody is added.
    /// </summary>
    public bool IncludeWaitingPsks { get; init; }

    /// <summary>Whether a ReInit that somebody else proposed ends the group when nothing else waits. Own ones always do.</summary>
    public bool IncludeWaitingReInit { get; init; }

    /// <summary>Whether the committer renews its keys even where the proposals do not ask for it (§12.4).</summary>
    public bool ForcePath { get; init; }

    /// <summary>What the committer changes in its own leaf, with a path.</summary>
    public LeafChange Leaf { get; init; } = LeafChange.None;

    /// <summary>Extensions of the GroupInfo that new members get, besides the tree.</summary>
    public ExtensionList GroupInfoExtensions { get; init; } = ExtensionList.Empty;

    /// <summary>Whether new members get the tree in the Welcome; otherwise they must get it in another way (§12.4.3.3).</summary>
    public bool TreeInWelcome { get; init; } = true;

    /// <summary>Whether the Welcome's GroupInfo has the key for external commits.</summary>
    public bool ExternalPubInWelcome { get; init; }

    /// <summary>Whether the Welcome's GroupInfo holds nothing but what the group and the commit determine.</summary>
    internal bool HasOrdinaryWelcome => GroupInfoExtensions.Count == 0 && TreeInWelcome && !ExternalPubInWelcome;
}

/// <summary>What a member changes in its own leaf beside the encryption key. Null leaves a field as it is.</summary>
public sealed record LeafChange
{
    /// <summary>Nothing but a new encryption key.</summary>
    public static LeafChange None { get; } = new();

    /// <summary>
    /// A new signature key, together with a credential that goes with it. The application owns it and keeps it as long as
    /// the group is in use.
    /// </summary>
    public SigningKey? SigningKey { get; init; }

    /// <summary>A new credential.</summary>
    public Credential? Credential { get; init; }

    /// <summary>New extensions in place of all that the leaf has.</summary>
    public ExtensionList? Extensions { get; init; }
}
