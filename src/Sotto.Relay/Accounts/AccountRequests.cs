using Sotto.Wire;
using Sotto.Wire.Http;

namespace Sotto.Relay.Accounts;

/// <summary>How somebody may register.</summary>
public enum RegistrationRight
{
    /// <summary>With a token.</summary>
    Token,

    /// <summary>Because registration is open.</summary>
    Open,

    /// <summary>With this relay's own receipt of an earlier registration.</summary>
    Receipt,
}

/// <summary>An account to make, with all its lists checked.</summary>
/// <param name="Account">H of the genesis record.</param>
/// <param name="Genesis">Its bytes.</param>
/// <param name="Lists">From the first one.</param>
/// <param name="Right">Why it may register.</param>
/// <param name="TokenHash">H of the registration token.</param>
public sealed record NewAccount(Bytes32 Account, byte[] Genesis, IReadOnlyList<VerifiedList> Lists, RegistrationRight Right, Bytes32? TokenHash);

/// <summary>Who reads the directory.</summary>
/// <param name="TokenHash">H of a contact token, or null for one of the account's own devices, which was checked.</param>
public readonly record struct DirectoryReader(Bytes32? TokenHash);

/// <summary>An invite to open.</summary>
/// <param name="ContactHash">H of the contact token.</param>
/// <param name="RegistrationHash">H of the registration token.</param>
/// <param name="Card">The sealed card.</param>
/// <param name="Uses">How often.</param>
/// <param name="ExpiresHour">Unix hours.</param>
public sealed record NewInvite(Bytes32 ContactHash, Bytes32? RegistrationHash, byte[] Card, int Uses, long ExpiresHour);

/// <summary>A change of contact tokens.</summary>
/// <param name="Add">Hashes to add.</param>
/// <param name="Remove">Hashes that end.</param>
/// <param name="RetireOthers">All others only read for 120 days.</param>
public sealed record ContactChange(IReadOnlyList<Bytes32> Add, IReadOnlyList<Bytes32> Remove, bool RetireOthers);

/// <summary>A request for vouchers.</summary>
/// <param name="Id">Of the client.</param>
/// <param name="Digest">H of account, id and hashes.</param>
/// <param name="Count">How many.</param>
public sealed record VoucherRequest(Bytes16 Id, Bytes32 Digest, int Count);

/// <summary>Key packages of a device to add.</summary>
/// <param name="Packages">One-time ones.</param>
/// <param name="LastResort">Replaces the last-resort one.</param>
/// <param name="Replace">First drops all of the device's.</param>
public sealed record NewKeyPackages(IReadOnlyList<KeyPackageItem> Packages, KeyPackageItem? LastResort, bool Replace);
