namespace Sotto.Wire.Http;

/// <summary>Problem details (RFC 9457).</summary>
/// <param name="Type">Stable, see <see cref="Problems.ProblemTypes"/>.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Detail">More for people who debug; never an id, a token or a key.</param>
public sealed record ProblemBody(string Type, string Title, int Status, string? Detail = null);

/// <summary>What a relay says of itself.</summary>
/// <param name="Statement">A signed <see cref="Records.RelayStatement"/>.</param>
/// <param name="Incarnation">8 bytes; another one means that the relay was restored from a backup.</param>
public sealed record RelayAnswer(byte[] Statement, byte[] Incarnation);

/// <summary>A nonce for one signed request, usable for 5 minutes.</summary>
/// <param name="Nonce">32 bytes.</param>
public sealed record NonceAnswer(byte[] Nonce);

/// <summary>Makes an account. Signed by a device of the newest list.</summary>
/// <param name="Genesis">The genesis record.</param>
/// <param name="Lists">All device lists from the first one, each a signed record; 1 to 64.</param>
/// <param name="Token">The registration token; left out where registration is open.</param>
/// <param name="Receipt">A receipt of an earlier registration: after a restore it registers again without token.</param>
public sealed record RegisterRequest(byte[] Genesis, byte[][] Lists, byte[]? Token = null, byte[]? Receipt = null);

/// <summary>The account exists.</summary>
/// <param name="Receipt">The relay's signature over the account id.</param>
/// <param name="Incarnation">8 bytes.</param>
public sealed record RegisterAnswer(byte[] Receipt, byte[] Incarnation);

/// <summary>Appends a list, or in a recovery takes the account back.</summary>
/// <param name="List">A signed <see cref="Records.DeviceList"/>.</param>
public sealed record ListRequest(byte[] List);

/// <summary>Stores a signed record: reachability or recovery.</summary>
/// <param name="Record">The signed record.</param>
public sealed record RecordRequest(byte[] Record);

/// <summary>What the directory has on an account. Nothing in it is to be believed without its signatures.</summary>
/// <param name="Genesis">The genesis record.</param>
/// <param name="Lists">Signed device lists, oldest first, from the number asked for.</param>
/// <param name="Reachability">Signed reachability records of listed devices.</param>
/// <param name="Proofs">Kept for key transparency; empty in this version.</param>
public sealed record DirectoryAnswer(byte[] Genesis, byte[][] Lists, byte[][] Reachability, byte[][] Proofs);

/// <summary>The card of an open invite.</summary>
/// <param name="Card">Sealed by the inviter.</param>
public sealed record CardAnswer(byte[] Card);

/// <summary>One key package of the signing device.</summary>
/// <param name="Bytes">Opaque to the relay.</param>
/// <param name="ExpiresDay">Unix day after which nobody gets it, at most 30 days ahead.</param>
public sealed record KeyPackageItem(byte[] Bytes, uint ExpiresDay);

/// <summary>Adds key packages.</summary>
/// <param name="Packages">One-time ones.</param>
/// <param name="LastResort">Replaces the last-resort one.</param>
/// <param name="Replace">First drops all of the device's packages.</param>
public sealed record KeyPackagesRequest(KeyPackageItem[] Packages, KeyPackageItem? LastResort = null, bool Replace = false);

/// <summary>What lies there for the signing device.</summary>
/// <param name="OneTime">Unexpired one-time packages.</param>
/// <param name="LastResort">Whether there is an unexpired last-resort one.</param>
/// <param name="LastResortUsed">Whether it was handed out: make a new one.</param>
/// <param name="RunningLow">Fewer than a quarter of the limit, or no usable last resort.</param>
public sealed record KeyPackagesAnswer(int OneTime, bool LastResort, bool LastResortUsed, bool RunningLow);

/// <summary>One account in a claim.</summary>
/// <param name="Account">32 bytes.</param>
/// <param name="Token">The contact token, 32 bytes.</param>
/// <param name="Id">16 random bytes: the same id gets the same answer for 48 hours.</param>
public sealed record ClaimTarget(byte[] Account, byte[] Token, byte[] Id);

/// <summary>Claims one key package for each listed device of each target, without login.</summary>
/// <param name="Targets">1 to 1 000.</param>
public sealed record ClaimRequest(ClaimTarget[] Targets);

/// <summary>What a claim got for one device.</summary>
/// <param name="Device">The device key.</param>
/// <param name="Package">Null when the device has none left.</param>
public sealed record ClaimedPackage(byte[] Device, byte[]? Package = null);

/// <summary>The answer for one target, in the order asked.</summary>
/// <param name="Packages">One for each listed device; null when refused.</param>
/// <param name="Problem">The problem's type when refused.</param>
public sealed record ClaimedTarget(ClaimedPackage[]? Packages = null, string? Problem = null);

/// <summary>The answers of a claim.</summary>
/// <param name="Targets">In the order asked.</param>
public sealed record ClaimAnswer(ClaimedTarget[] Targets);

/// <summary>Changes whom the account's directory entry is readable for.</summary>
/// <param name="Add">Hashes of contact tokens, at most 1 000.</param>
/// <param name="Remove">Hashes that end at once.</param>
/// <param name="RetireOthers">All others only read for 120 days: after theft.</param>
public sealed record ContactTokensRequest(byte[][] Add, byte[][] Remove, bool RetireOthers = false);

/// <summary>Opens an invite in the account plane.</summary>
/// <param name="ContactHash">H of the contact token.</param>
/// <param name="Card">The sealed card.</param>
/// <param name="Uses">1, or up to 1 000.</param>
/// <param name="ExpiresHour">Unix hours, at most 7 days ahead.</param>
/// <param name="RegistrationHash">H of the registration token; left out for an invite that makes no account.</param>
public sealed record InviteRequest(byte[] ContactHash, byte[] Card, int Uses, uint ExpiresHour, byte[]? RegistrationHash = null);

/// <summary>One invite of the account.</summary>
/// <param name="ContactHash">H of the contact token.</param>
/// <param name="State"><c>open</c>, <c>used</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="ClaimsLeft">How many claims of key packages the contact token still allows.</param>
/// <param name="ExpiresHour">Unix hours.</param>
public sealed record InviteItem(byte[] ContactHash, string State, int ClaimsLeft, uint ExpiresHour);

/// <summary>The account's invites.</summary>
/// <param name="Invites">Those that are remembered.</param>
public sealed record InvitesAnswer(InviteItem[] Invites);

/// <summary>Ends an invite.</summary>
/// <param name="ContactHash">H of the contact token.</param>
/// <param name="RegistrationHash">H of the registration token, to end it too.</param>
/// <param name="Used">The invite was used rather than taken back; its contact token goes on reading for 60 days.</param>
public sealed record RevokeRequest(byte[] ContactHash, byte[]? RegistrationHash = null, bool Used = false);

/// <summary>Gives hashes of vouchers to the mailbox plane.</summary>
/// <param name="Id">16 random bytes: the same request again adds and counts nothing.</param>
/// <param name="Hashes">H of each voucher, in no order, at most 50.</param>
public sealed record VouchersRequest(byte[] Id, byte[][] Hashes);

/// <summary>What is left to ask for today.</summary>
/// <param name="Left">Vouchers that the account may still register.</param>
public sealed record VouchersAnswer(int Left);

/// <summary>What a recovery reads.</summary>
/// <param name="Genesis">The genesis record.</param>
/// <param name="Lists">All signed lists, oldest first.</param>
/// <param name="Records">Signed recovery records, newest first.</param>
public sealed record RecoveryAnswer(byte[] Genesis, byte[][] Lists, byte[][] Records);

/// <summary>When an account goes.</summary>
/// <param name="Day">Unix day; today when the recovery key asked.</param>
public sealed record DeletionAnswer(uint Day);
