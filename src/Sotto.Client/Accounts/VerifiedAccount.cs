using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>
/// What a relay's directory has on an account, after every step of it was checked against the account id alone: genesis, the
/// chain of lists, and reachability of listed devices.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Lists">Every list, the first one first.</param>
/// <param name="Reachability">By device, as signed by it.</param>
internal sealed record VerifiedAccount(AccountId Account, IReadOnlyList<VerifiedAccount.Link> Lists, IReadOnlyDictionary<Bytes32, ReachabilityRecord> Reachability)
{
    /// <summary>One list of the chain.</summary>
    public sealed record Link(ListReference Reference, DeviceList List);

    /// <summary>The list that counts.</summary>
    public DeviceList Newest => Lists[^1].List;

    /// <summary>Checks an answer that has all lists from the first.</summary>
    /// <exception cref="ClientException">Something in it does not belong to the account.</exception>
    public static VerifiedAccount Verify(ICryptoProvider crypto, AccountId account, DirectoryAnswer answer)
    {
        try
        {
            if (GenesisRecord.AccountIdOf(answer.Genesis) != account.Value)
                throw Refused("The keys that the relay served are not those of the account that was named.");
            var lists = FollowLists(crypto, account, GenesisRecord.Decode(answer.Genesis), answer.Lists);
            return new(account, lists, ReadReachability(crypto, account, lists[^1].List, answer.Reachability));
        }
        catch (RecordException)
        {
            throw Refused("A record of the account cannot be read.");
        }
    }

    private static List<Link> FollowLists(ICryptoProvider crypto, AccountId account, GenesisRecord genesis, byte[][] encoded)
    {
        var links = new List<Link>();
        foreach (var bytes in encoded)
        {
            var signed = SignedRecord.Decode(bytes);
            var list = DeviceList.Decode(signed.Body.Span);
            var before = links.LastOrDefault();
            RequireFollows(crypto, genesis, before, signed, list, account);
            foreach (var certificate in list.Certificates)
            {
                if (certificate.Account != account.Value || !MemberCredential.CertificateHolds(crypto, certificate, list.AccountKey))
                    throw Refused("A device of the account has a certificate that does not hold.");
            }

            links.Add(new(new(list.Number, signed.Hash), list));
        }

        return links.Count > 0 ? links : throw Refused("The relay served no device list.");
    }

    /// <summary>Number and predecessor as they must be; signed by the key before it, or by the recovery key, which alone may name another account key.</summary>
    private static void RequireFollows(ICryptoProvider crypto, GenesisRecord genesis, Link? before, SignedRecord signed, DeviceList list, AccountId account)
    {
        var inPlace = list.Account == account.Value
            && list.Number == (before?.Reference.Number ?? 0) + 1
            && list.Predecessor == (before?.Reference.Hash ?? default);
        if (!inPlace)
            throw Refused("The account's device lists are not one chain.");
        var signer = list.Recovery?.RecoveryKey ?? before?.List.AccountKey ?? genesis.AccountKey;
        var allowed = list.Recovery is { } mark
            ? Bytes32.HashOf(mark.RecoveryKey.ToArray()) == genesis.RecoverySignatureKeyHash
            : list.AccountKey == signer;
        if (!allowed || !RecordSigning.Verifies(crypto, signer, SignContent.DeviceList, signed))
            throw Refused("A device list is not signed by the account.");
    }

    private static Dictionary<Bytes32, ReachabilityRecord> ReadReachability(ICryptoProvider crypto, AccountId account, DeviceList newest, byte[][] encoded)
    {
        var found = new Dictionary<Bytes32, ReachabilityRecord>();
        foreach (var bytes in encoded)
        {
            var signed = SignedRecord.Decode(bytes);
            var record = ReachabilityRecord.Decode(signed.Body.Span);
            var isListed = record.Account == account.Value && newest.Certificates.Any(certificate => certificate.DeviceKey == record.DeviceKey);
            if (!isListed || !RecordSigning.Verifies(crypto, record.DeviceKey, SignContent.Reachability, signed))
                throw Refused("Where a device can be reached is not signed by it.");
            if (!found.TryGetValue(record.DeviceKey, out var other) || other.Number < record.Number)
                found[record.DeviceKey] = record;
        }

        return found;
    }

    private static ClientException Refused(string text) => new(ClientFailure.IdentityRefused, text);
}
