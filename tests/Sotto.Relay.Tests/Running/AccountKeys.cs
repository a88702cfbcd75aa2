using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Running;

/// <summary>The keys of an account and the records that they sign.</summary>
public sealed class AccountKeys
{
    public AccountKeys()
    {
        Genesis = new GenesisRecord(Account.Public, Bytes32.HashOf(Recovery.Public.ToArray()), Bytes32.HashOf(Bytes.Random(32))).Encode();
        Id = GenesisRecord.AccountIdOf(Genesis);
    }

    public SigningKey Account { get; set; } = new();

    public SigningKey Recovery { get; } = new();

    public byte[] Genesis { get; }

    public Bytes32 Id { get; }

    /// <summary>A list after another one, signed by the account key.</summary>
    public SignedRecord List(SignedRecord? predecessor, params SigningKey[] devices) => Sign(Body(predecessor, null, devices), Account);

    /// <summary>A list of the recovery key.</summary>
    public SignedRecord RecoveryList(SignedRecord predecessor, ulong seconds, params SigningKey[] devices) =>
        Sign(Body(predecessor, new(Recovery.Public, seconds), devices), Recovery);

    public byte[] Certificate(SigningKey device, SigningKey? signer = null)
    {
        var body = new DeviceCertificate { Account = Id, DeviceKey = device.Public, Suites = [0xF002], Rights = DeviceRights.Full }.EncodeBody();
        return DeviceCertificate.Encode(
            body,
            (signer ?? Account).Sign(SignContent.Encode(SignContent.DeviceCertificate, body)),
            device.Sign(SignContent.Encode(SignContent.DeviceCountersignature, body)));
    }

    public static SignedRecord Sign(byte[] body, SigningKey key) => new(body, key.Sign(SignContent.Encode(SignContent.DeviceList, body)));

    private byte[] Body(SignedRecord? predecessor, RecoveryMark? recovery, SigningKey[] devices) => new DeviceList
    {
        Account = Id,
        Number = predecessor is null ? 1 : DeviceList.Decode(predecessor.Body.Span).Number + 1,
        Predecessor = predecessor?.Hash ?? default,
        AccountKey = Account.Public,
        Certificates = [],
        Recovery = recovery,
    }.EncodeBody(devices.Select(device => Certificate(device)));
}
