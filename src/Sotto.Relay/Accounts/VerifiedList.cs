using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>
/// A device list whose own signatures are checked: that of the list, by a named key, and both of each certificate. Whether
/// that key may sign here is for <see cref="ListChain"/> to say.
/// </summary>
public sealed record VerifiedList
{
    private VerifiedList(SignedRecord record, DeviceList list, Bytes32 signer) => (Record, List, Signer) = (record, list, signer);

    /// <summary>The bytes that were signed.</summary>
    public SignedRecord Record { get; }

    /// <summary>What they say.</summary>
    public DeviceList List { get; }

    /// <summary>The key that signed the list.</summary>
    public Bytes32 Signer { get; }

    /// <summary>H of the list.</summary>
    public Bytes32 Hash => Record.Hash;

    /// <summary>Checks a list.</summary>
    /// <param name="crypto">The provider.</param>
    /// <param name="account">Whose list it must be.</param>
    /// <param name="bytes">A signed record.</param>
    /// <param name="signer">Finds the key that must have signed, from what the list says.</param>
    /// <exception cref="RelayException">It is no such list.</exception>
    public static VerifiedList Verify(ICryptoProvider crypto, Bytes32 account, ReadOnlyMemory<byte> bytes, Func<DeviceList, Bytes32> signer)
    {
        try
        {
            var record = SignedRecord.Decode(bytes);
            var list = DeviceList.Decode(record.Body.Span);
            if (list.Account != account || list.Certificates.Count == 0)
                throw new RelayException(RelayProblem.Malformed, "The list is not of this account, or empty.");
            var key = list.Recovery?.RecoveryKey ?? signer(list);
            RecordSignatures.Require(crypto, key, SignContent.DeviceList, record);
            foreach (var certificate in list.Certificates)
                RequireCertificate(crypto, list, certificate);
            return new(record, list, key);
        }
        catch (RecordException malformed)
        {
            throw new RelayException(RelayProblem.Malformed, malformed.Message);
        }
    }

    private static void RequireCertificate(ICryptoProvider crypto, DeviceList list, DeviceCertificate certificate)
    {
        if (certificate.Account != list.Account || list.Certificates.Count(other => other.DeviceKey == certificate.DeviceKey) != 1)
            throw new RelayException(RelayProblem.Malformed, "A certificate is of another account or stands there twice.");
        RecordSignatures.Require(crypto, list.AccountKey, SignContent.DeviceCertificate, certificate.Body, certificate.AccountSignature);
        RecordSignatures.Require(crypto, certificate.DeviceKey, SignContent.DeviceCountersignature, certificate.Body, certificate.DeviceSignature);
    }
}
