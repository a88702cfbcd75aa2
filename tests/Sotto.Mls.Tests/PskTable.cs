using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests;

/// <summary>An application that believes every credential; a client is its signature key, a member its credential.</summary>
internal sealed class TrustingAuthentication : IAuthenticationService
{
    public bool IsValid(CredentialCheck check) => true;

    public bool IsValidSender(ExternalSender sender) => true;

    public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

    public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;
}

/// <summary>Pre-shared keys in memory.</summary>
internal sealed class PskTable : Schedule.IPreSharedKeys
{
    public Dictionary<string, byte[]> External { get; } = [];

    public Dictionary<(GroupId Group, Epoch Epoch), byte[]> Resumption { get; } = [];

    public Secret? FindExternal(ReadOnlyMemory<byte> id) =>
        External.TryGetValue(Convert.ToHexString(id.Span), out var key) ? Secret.CopyOf(key) : null;

    public Secret? FindResumption(GroupId group, Epoch epoch) =>
        Resumption.TryGetValue((group, epoch), out var key) ? Secret.CopyOf(key) : null;
}
