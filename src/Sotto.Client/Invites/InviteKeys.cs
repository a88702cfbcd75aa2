using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Invites;

/// <summary>
/// What an invite's secret gives. K = HKDF-Extract(account id | relay fingerprint, secret); each value is
/// HKDF-Expand(K, label, 32). A relay sees the tokens, and never the key of the card or the PSK.
/// </summary>
/// <param name="Id">Names the invite.</param>
/// <param name="Registration">Makes one account.</param>
/// <param name="Contact">Reads card, lists and reachability, and claims KeyPackages.</param>
/// <param name="Lane">Posts the Welcome.</param>
/// <param name="Card">Opens the card.</param>
/// <param name="Psk">Goes into the group's key schedule.</param>
internal sealed record InviteKeys(Bytes32 Id, Bytes32 Registration, Bytes32 Contact, Bytes32 Lane, Bytes32 Card, Bytes32 Psk)
{
    public static InviteKeys Derive(ICryptoProvider crypto, AccountId account, Bytes16 relay, Bytes16 secret)
    {
        Span<byte> key = stackalloc byte[Bytes32.Length];
        crypto.HkdfExtract(HashAlgorithm.Sha256, new TlsWriter().ThirtyTwo(account.Value).Sixteen(relay).Written, secret.ToArray(), key);
        return new(
            Expand(crypto, key, "sotto 1 invite id"u8),
            Expand(crypto, key, "sotto 1 invite registration"u8),
            Expand(crypto, key, "sotto 1 invite contact"u8),
            Expand(crypto, key, "sotto 1 invite lane"u8),
            Expand(crypto, key, "sotto 1 invite card"u8),
            Expand(crypto, key, "sotto 1 invite psk"u8));
    }

    public static InviteKeys Derive(ICryptoProvider crypto, InviteLink link) => Derive(crypto, link.Account, link.Relay, link.Secret);

    private static Bytes32 Expand(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> label)
    {
        Span<byte> output = stackalloc byte[Bytes32.Length];
        crypto.HkdfExpand(HashAlgorithm.Sha256, key, label, output);
        return new(output);
    }

    /// <summary>Nothing of the keys.</summary>
    public override string ToString() => "invite keys";
}
