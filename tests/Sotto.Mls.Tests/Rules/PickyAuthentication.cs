using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>An application that refuses what a test wants, and otherwise believes every credential.</summary>
internal sealed class PickyAuthentication : IAuthenticationService
{
    /// <summary>Whether a credential is refused.</summary>
    public Func<CredentialCheck, bool> Refuses { get; set; } = _ => false;

    /// <summary>Whether an external sender is refused.</summary>
    public Func<ExternalSender, bool> RefusesSender { get; set; } = _ => false;

    /// <summary>What was asked, in its order.</summary>
    public List<CredentialCheck> Asked { get; } = [];

    public bool IsValid(CredentialCheck check)
    {
        lock (Asked)
            Asked.Add(check);
        return !Refuses(check);
    }

    public bool IsValidSender(ExternalSender sender) => !RefusesSender(sender);

    public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

    public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;
}
