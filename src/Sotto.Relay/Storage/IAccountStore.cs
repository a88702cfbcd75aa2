using Sotto.Relay.Accounts;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Storage;

/// <summary>
/// Everything that the account plane keeps: accounts, lists, reachability, key packages, invites, recovery records. It knows
/// no channel and no mailbox. A task that completes means durable; a refusal is a <see cref="RelayException"/> and changed
/// nothing; trouble with the disk is a <see cref="StorageException"/>. What a device asks is refused unless it stands in the
/// newest list at the moment of the write.
/// </summary>
public interface IAccountStore : IAsyncDisposable
{
    /// <summary>Whether it can store.</summary>
    StorageHealth Health { get; }

    /// <summary>Makes an account. The same account again is a success and spends nothing.</summary>
    Task RegisterAsync(NewAccount account);

    /// <summary>Whether the account exists; when it does not, whether it may be made.</summary>
    /// <exception cref="RelayException">It may not, for the reason that there is.</exception>
    Task<bool> RequireRightAsync(Bytes32 account, RegistrationRight right, Bytes32? tokenHash, CancellationToken cancellationToken);

    /// <summary>Adds a registration token that no account issued.</summary>
    /// <param name="tokenHash">H of it.</param>
    /// <param name="uses">How many accounts it makes.</param>
    /// <param name="expiresHour">Unix hours.</param>
    /// <param name="owner">Whether those are the operator's own.</param>
    Task AddRegistrationAsync(Bytes32 tokenHash, int uses, long expiresHour, bool owner = false);

    /// <summary>Whether there is no account yet and no owner's link that could still make one.</summary>
    Task<bool> NeedsFirstLinkAsync(CancellationToken cancellationToken);

    /// <summary>Whether an account is the operator's own.</summary>
    Task<bool> IsOwnerAsync(Bytes32 account, CancellationToken cancellationToken);

    /// <summary>Whether a device stands in the account's newest list.</summary>
    Task<bool> HasDeviceAsync(Bytes32 account, Bytes32 device, CancellationToken cancellationToken);

    /// <summary>The account's lists and the rule over them; null when there is no such account.</summary>
    Task<ListChain?> ReadChainAsync(Bytes32 account, CancellationToken cancellationToken);

    /// <summary>The genesis record; null when there is no such account.</summary>
    Task<byte[]?> ReadGenesisAsync(Bytes32 account, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a list. Devices that it leaves out lose login, reachability and key packages; a list of the recovery key ends, in
    /// the same transaction, all that the devices before it could do.
    /// </summary>
    Task AppendListAsync(Bytes32 account, Bytes32 device, VerifiedList list);

    /// <summary>The same for a list of the recovery key alone, which needs no device.</summary>
    Task RecoverAsync(Bytes32 account, VerifiedList list);

    /// <summary>Replaces a device's reachability by one with a higher number.</summary>
    Task SetReachabilityAsync(ReachabilityRecord reachability, byte[] record);

    /// <summary>Genesis, lists from a number, and reachability.</summary>
    Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, DirectoryReader reader, ulong fromNumber, CancellationToken cancellationToken);

    /// <summary>The sealed card of an open invite.</summary>
    Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 contactHash, CancellationToken cancellationToken);

    /// <summary>Adds key packages of a device.</summary>
    Task<KeyPackagesAnswer> AddKeyPackagesAsync(Bytes32 account, Bytes32 device, NewKeyPackages packages);

    /// <summary>What lies there for a device.</summary>
    Task<KeyPackagesAnswer> CountKeyPackagesAsync(Bytes32 account, Bytes32 device, CancellationToken cancellationToken);

    /// <summary>One key package for each listed device. The same id gets the same answer for 48 hours.</summary>
    Task<ClaimedPackage[]> ClaimAsync(Bytes32 account, Bytes32 contactHash, Bytes16 id);

    /// <summary>Changes contact tokens.</summary>
    Task ChangeContactsAsync(Bytes32 account, Bytes32 device, ContactChange change);

    /// <summary>Opens an invite. The same again is a success.</summary>
    Task AddInviteAsync(Bytes32 account, Bytes32 device, NewInvite invite);

    /// <summary>The account's invites.</summary>
    Task<InviteItem[]> ReadInvitesAsync(Bytes32 account, CancellationToken cancellationToken);

    /// <summary>Ends an invite and the registration that was opened with it.</summary>
    Task EndInviteAsync(Bytes32 account, Bytes32 device, Bytes32 contactHash, Bytes32? registrationHash, bool used);

    /// <summary>Whether a request for vouchers may be passed on: false when it was counted before.</summary>
    Task<bool> CheckVouchersAsync(Bytes32 account, Bytes32 device, VoucherRequest request);

    /// <summary>Counts a request once.</summary>
    /// <returns>How many are left to ask for.</returns>
    Task<int> CountVouchersAsync(Bytes32 account, VoucherRequest request);

    /// <summary>Keeps the newest record of each day, if the key that signed it is still the account's.</summary>
    Task AddRecoveryRecordAsync(Bytes32 device, Bytes32 signer, RecoveryRecord recovery, byte[] record);

    /// <summary>What a recovery reads; null when there is no such account.</summary>
    Task<RecoveryAnswer?> ReadRecoveryAsync(Bytes32 account, CancellationToken cancellationToken);

    /// <summary>Notes that an account goes in 7 days, or deletes it now. Its receipt makes no account any more.</summary>
    /// <param name="account">The account.</param>
    /// <param name="device">The device that asks; null for the recovery key, which need not wait.</param>
    /// <returns>The Unix day on which it goes.</returns>
    Task<uint> DeleteAsync(Bytes32 account, Bytes32? device);

    /// <summary>Writes a little, so that <see cref="Health"/> says how the disk is now.</summary>
    Task ProbeAsync();

    /// <summary>Drops what is too old. To be called now and then.</summary>
    Task MaintainAsync();
}
