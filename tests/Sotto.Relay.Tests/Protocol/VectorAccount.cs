using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>The account of the vectors, with two lists, and the relay that it is at.</summary>
internal static class VectorAccount
{
    private const ushort XWingSuite = 0xF002;

    public static VectorKey Account { get; } = new("account key");

    public static VectorKey Device { get; } = new("device key");

    public static VectorKey SecondDevice { get; } = new("second device key");

    public static VectorKey Recovery { get; } = new("recovery key");

    public static VectorKey NewAccount { get; } = new("account key after recovery");

    public static VectorKey Relay { get; } = new("relay identity");

    public static Bytes16 RelayFingerprint { get; } = RelayStatement.FingerprintOf(Relay.Public);

    public static GenesisRecord GenesisRecord { get; } =
        new(Account.Public, Bytes32.HashOf(Recovery.Public.ToArray()), new(VectorKey.Value("hash of the recovery sealing key")));

    public static byte[] Genesis { get; } = GenesisRecord.Encode();

    public static Bytes32 Id { get; } = GenesisRecord.AccountIdOf(Genesis);

    public static DeviceCertificate Certificate(VectorKey device, VectorKey account) =>
        DeviceCertificate.Decode(CertificateBytes(device, account));

    public static byte[] CertificateBytes(VectorKey device, VectorKey account)
    {
        var body = new DeviceCertificate { Account = Id, DeviceKey = device.Public, Suites = [XWingSuite, 1], Rights = DeviceRights.Full }.EncodeBody();
        return DeviceCertificate.Encode(body, account.Sign(SignContent.DeviceCertificate, body), device.Sign(SignContent.DeviceCountersignature, body));
    }

    public static DeviceList FirstList { get; } = new()
    {
        Account = Id,
        Number = 1,
        Predecessor = default,
        AccountKey = Account.Public,
        Certificates = [Certificate(Device, Account)],
    };

    public static SignedRecord SignedFirstList { get; } = Sign(FirstList, Account, [CertificateBytes(Device, Account)]);

    public static DeviceList SecondList { get; } = FirstList with
    {
        Number = 2,
        Predecessor = SignedFirstList.Hash,
        Certificates = [Certificate(Device, Account), Certificate(SecondDevice, Account)],
    };

    public static SignedRecord SignedSecondList { get; } = Sign(SecondList, Account, [CertificateBytes(Device, Account), CertificateBytes(SecondDevice, Account)]);

    public static DeviceList RecoveryList { get; } = SecondList with
    {
        AccountKey = NewAccount.Public,
        Certificates = [Certificate(SecondDevice, NewAccount)],
        Recovery = new(Recovery.Public, 1_795_000_000),
    };

    public static SignedRecord SignedRecoveryList { get; } = Sign(RecoveryList, Recovery, [CertificateBytes(SecondDevice, NewAccount)]);

    public static ReachabilityRecord Reachability { get; } = new()
    {
        Account = Id,
        DeviceKey = Device.Public,
        Number = 1_795_000_000_123,
        RelayUrl = "https://relay.example:7788"u8.ToArray(),
        RelayFingerprint = RelayFingerprint,
        IntroChannel = new(VectorKey.Value("intro channel").AsSpan(0, 16)),
        IntroKey = LongKey("intro key", 1216),
        Expires = 1_797_592_000,
    };

    public static RecoveryRecord RecoveryRecord { get; } = new() { Account = Id, Number = 7, Day = 20_775, Sealed = LongKey("sealed", 100) };

    public static RelayStatement Statement { get; } = new()
    {
        IdentityKey = Relay.Public,
        Number = 1_795_000_000_000,
        Expires = 1_795_604_800,
        Addresses =
        [
            new("https://relay.example:7788", TransportProof.Spki, [new(VectorKey.Value("certificate")), new(VectorKey.Value("next certificate"))]),
            new("https://relay.example", TransportProof.WebPki, []),
            new("http://127.0.0.1:7788", TransportProof.Loopback, []),
        ],
    };

    private static SignedRecord Sign(DeviceList list, VectorKey key, byte[][] certificates)
    {
        var body = list.EncodeBody(certificates);
        return new(body, key.Sign(SignContent.DeviceList, body));
    }

    private static byte[] LongKey(string name, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length; at += Bytes32.Length)
            VectorKey.Value($"{name} {at}").AsSpan(0, Math.Min(Bytes32.Length, length - at)).CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
