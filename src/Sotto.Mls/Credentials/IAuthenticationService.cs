using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Credentials;

/// <summary>Where a credential comes up that must be validated (RFC 9420 §5.3.1).</summary>
public enum CredentialOccasion
{
    /// <summary>A KeyPackage that this client is going to add, or that an Add proposal brings.</summary>
    Add,

    /// <summary>A leaf of a group that this client joins.</summary>
    Join,

    /// <summary>A leaf that replaces a member's, in an Update proposal.</summary>
    Update,

    /// <summary>A leaf that replaces a member's, in the path of its commit.</summary>
    Commit,

    /// <summary>The leaf of a client that joins by an external commit.</summary>
    ExternalJoin,
}

/// <summary>A leaf whose credential the application must judge.</summary>
/// <param name="Occasion">Where it comes up.</param>
/// <param name="Leaf">The leaf, whose own signature is checked apart.</param>
/// <param name="Replaced">The leaf that it takes the place of; null when it takes nobody's.</param>
public readonly record struct CredentialCheck(CredentialOccasion Occasion, LeafNode Leaf, LeafNode? Replaced);

/// <summary>
/// The application's part of authentication (RFC 9420 §5.3.1): whether a credential belongs to its signature key and to
/// somebody acceptable. Pure functions of their arguments, so that all members come to the same answer; called from
/// several threads at once when many leaves are checked.
/// </summary>
public interface IAuthenticationService
{
    /// <summary>
    /// Whether the credential is valid, belongs to the leaf's signature key, and, where it replaces one, is an acceptable
    /// successor.
    /// </summary>
    bool IsValid(CredentialCheck check);

    /// <summary>Whether an external sender may be in a group's list.</summary>
    bool IsValidSender(ExternalSender sender);

    /// <summary>
    /// What tells one client from another (RFC 9420 §12.2): two leaves with equal bytes are the same client, and a group
    /// has each client once. Leaves with equal signature keys are the same client in any case.
    /// </summary>
    ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf);

    /// <summary>
    /// What tells one member from another across groups (RFC 9420 §11.2, §11.3): a group that was branched off holds some
    /// of the old one's members, one that was re-initialised all of them.
    /// </summary>
    ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf);
}
