using Sotto.Crypto;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Links;

namespace Sotto.Relay.Accounts;

/// <summary>The operator's own registration links: they need no account that issues them.</summary>
public static class RegistrationTokens
{
    /// <summary>Makes a link for one account, for at most 7 days.</summary>
    /// <param name="crypto">The provider.</param>
    /// <param name="accounts">Where it is to be redeemed.</param>
    /// <param name="identity">The relay's.</param>
    /// <param name="address">HOST:PORT to put into the link.</param>
    /// <param name="uses">How many accounts it makes, 1 to 1 000.</param>
    /// <param name="time">The clock.</param>
    /// <param name="owner">Whether the account is the operator's own, which <c>--invites owner</c> asks for.</param>
    public static async Task<RegistrationLink> IssueAsync(ICryptoProvider crypto, IAccountStore accounts, RelayIdentity identity, string address, int uses, TimeProvider time, bool owner = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(uses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uses, Limits.InviteUses);
        var token = new byte[Limits.Capability];
        crypto.FillRandom(token);
        var expires = time.GetUtcNow().AddDays(Limits.InviteDays).ToUnixTimeSeconds() / 3600;
        await accounts.AddRegistrationAsync(Bytes32.HashOf(token), uses, expires, owner).ConfigureAwait(false);
        return new(address, identity.Fingerprint, new(token), (uint)expires);
    }
}
