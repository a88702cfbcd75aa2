using System.Runtime.CompilerServices;
using Sotto.Crypto;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Trees;

namespace Sotto.Client.Accounts;

/// <summary>
/// The Authentication Service of MLS (RFC 9420 §5.3.1): a leaf is who its credential proves. A leaf that takes another's
/// place must be the same device of the same account, with an account-key chain that is not shorter.
/// </summary>
internal sealed class CredentialVerifier(ICryptoProvider crypto) : IAuthenticationService
{
    private readonly ConditionalWeakTable<LeafNode, Verdict> _seen = [];

    /// <summary>Who a leaf is; null when its credential does not hold.</summary>
    public MemberCredential? Find(LeafNode leaf) => _seen.GetValue(leaf, unseen => new(MemberCredential.Verify(crypto, unseen))).Member;

    public bool IsValid(CredentialCheck check)
    {
        if (Find(check.Leaf) is not { } member)
            return false;
        if (check.Replaced is not { } replaced)
            return true;
        return Find(replaced) is { } before && before.Account == member.Account && before.Device == member.Device && member.Recoveries >= before.Recoveries;
    }

    public bool IsValidSender(ExternalSender sender) => false;

    public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

    public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => Find(leaf) is { } member ? member.Account.Value.ToArray() : leaf.Credential.Encoded;

    private sealed record Verdict(MemberCredential? Member);
}
