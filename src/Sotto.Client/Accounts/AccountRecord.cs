namespace Sotto.Client.Accounts;

/// <summary>The own account as it is stored: keys, and records as they were signed. Secret.</summary>
/// <param name="Genesis">The genesis record.</param>
/// <param name="AccountSeed">Ed25519 seed of the account key.</param>
/// <param name="DeviceSeed">Ed25519 seed of this device's key.</param>
/// <param name="Lists">All device lists from the first one, as signed.</param>
/// <param name="Certificate">This device's, as carried.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="ProfileNumber">The highest number of a profile signed so far.</param>
/// <param name="RecoverySeed">Until the words are confirmed.</param>
internal sealed record AccountRecord(
    byte[] Genesis,
    byte[] AccountSeed,
    byte[] DeviceSeed,
    byte[][] Lists,
    byte[] Certificate,
    string Name,
    ulong ProfileNumber,
    byte[]? RecoverySeed);
