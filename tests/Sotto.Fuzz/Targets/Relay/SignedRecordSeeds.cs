using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Fuzz.Targets.Relay;

internal static class SignedRecordSeeds
{
    private static readonly Bytes32 Id = new([.. Enumerable.Repeat((byte)7, 32)]);

    public static IEnumerable<(string Name, byte[] Input)> All()
    {
        foreach (var (kind, name, body) in Bodies())
        {
            yield return (name, [kind, .. body]);
            yield return (name + "-cut", [kind, .. body[..^1]]);
            yield return (name + "-longer", [kind, .. body, 0]);
            yield return (name + "-extended", [kind, .. body[..^1], 7, 0, 1, 1, 9, 0, 2, 0]);
            yield return (name + "-extended-twice", [kind, .. body[..^1], 6, 0, 1, 0, 0, 1, 0]);
            yield return (name + "-format", [kind, body[0], 2, .. body[2..]]);
        }

        byte[] signature = [.. Enumerable.Repeat((byte)3, 64)];
        var signed = (byte)(SignedRecordTarget.Count - 1);
        yield return ("signed", [signed, .. new SignedRecord(new byte[70], signature).Encode()]);
        yield return ("signed-empty", [signed, 0, .. signature]);
        yield return ("signed-not-minimal", [signed, 0x40, 1, 9, .. signature]);
        yield return ("signed-2-14-minus-1", [signed, 0x7f, 0xff, .. new byte[300]]);
        yield return ("signed-2-14", [signed, 0x80, 0, 0x40, 0, .. new byte[300]]);
        yield return ("signed-2-30-minus-1", [signed, 0xbf, 0xff, 0xff, 0xff, .. new byte[300]]);
        yield return ("signed-bits-11", [signed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. signature]);
        yield return ("empty", []);
    }

    private static IEnumerable<(byte Kind, string Name, byte[] Body)> Bodies()
    {
        var certificate = Certificate().EncodeBody();
        var carried = DeviceCertificate.Encode(certificate, new byte[64], new byte[64]);
        var list = new DeviceList { Account = Id, Number = 1, Predecessor = default, AccountKey = Id, Certificates = [] };
        yield return (0, "genesis", new GenesisRecord(Id, Id, Id).Encode());
        yield return (1, "certificate", certificate);
        yield return (2, "list", list.EncodeBody([carried]));
        yield return (2, "list-of-recovery", (list with { Number = 9, Predecessor = Id, Recovery = new(Id, 1_795_000_000) }).EncodeBody([carried, carried]));
        yield return (2, "list-empty", list.EncodeBody([]));
        yield return (3, "reachability", new ReachabilityRecord
        {
            Account = Id,
            DeviceKey = Id,
            Number = ulong.MaxValue,
            RelayUrl = "https://relay.example"u8.ToArray(),
            RelayFingerprint = default,
            IntroChannel = default,
            IntroKey = new byte[1216],
            Expires = 1,
        }.EncodeBody());
        yield return (4, "recovery", new RecoveryRecord { Account = Id, Number = 1, Day = 20_775, Sealed = new byte[90] }.EncodeBody());
        yield return (5, "statement", new RelayStatement
        {
            IdentityKey = Id,
            Number = 1,
            Expires = 2,
            Addresses = [new("https://relay.example:7788", TransportProof.Spki, [Id, Id]), new("http://127.0.0.1:1", TransportProof.Loopback, [])],
        }.EncodeBody());
    }

    private static DeviceCertificate Certificate() => new() { Account = Id, DeviceKey = Id, Suites = [0xF002, 1], Rights = DeviceRights.Full };
}
