using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;

namespace Sotto.Tests.Mls;

/// <summary>An application that believes every credential; a client is its signature key, a member its credential.</summary>
internal sealed class TrustingAuthentication : IAuthenticationService
{
    public bool IsValid(CredentialCheck check) => true;

    public bool IsValidSender(ExternalSender sender) => true;

    public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

    public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;
}
