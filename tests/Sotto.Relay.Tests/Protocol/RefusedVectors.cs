using System.Text;
using System.Text.Json.Nodes;
using Sotto.Wire.Links;
using Sotto.Wire.Records;
using static Sotto.Relay.Tests.Protocol.VectorFile;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>refused.json: bytes that a reader must refuse, each with one fault.</summary>
internal static class RefusedVectors
{
    public static VectorFile File => new(
        "refused.json",
        "What must be refused. `reader` says as what the bytes are read: a signed record is body<V> and a signature, the others are bodies.",
        [
            Case("length not in its shortest form", "signed record", [0x40, 0x01, 0x00, .. new byte[64]]),
            Case("length that begins with the bits 11", "signed record", [0xc0, .. new byte[64]]),
            Case("body is empty", "signed record", new byte[65]),
            Case("signature is cut", "signed record", [0x01, 0x00, .. new byte[63]]),
            Case("bytes after the signature", "signed record", [0x01, 0x00, .. new byte[65]]),
            Case("length of 2^30 - 1", "signed record", [0xbf, 0xff, 0xff, 0xff, .. new byte[64]]),
            Case("another type", "genesis", Changed(VectorAccount.Genesis, 0, 2)),
            Case("another format", "genesis", Changed(VectorAccount.Genesis, 1, 2)),
            Case("cut by a byte", "genesis", VectorAccount.Genesis[..^1]),
            Case("a byte too many", "genesis", [.. VectorAccount.Genesis, 0]),
            Case("the same extension twice", "genesis", [.. VectorAccount.Genesis[..^1], 6, 0, 9, 0, 0, 9, 0]),
            Case("extensions not rising", "genesis", [.. VectorAccount.Genesis[..^1], 6, 0, 9, 0, 0, 8, 0]),
            Case("extension longer than its place", "genesis", [.. VectorAccount.Genesis[..^1], 3, 0, 9, 1]),
            Case("number 0", "device list", Number(VectorAccount.SignedFirstList.Body.ToArray(), 0)),
            Case("number 2 without a predecessor", "device list", Number(VectorAccount.SignedFirstList.Body.ToArray(), 2)),
            Case("number 1 with a predecessor", "device list", Number(VectorAccount.SignedSecondList.Body.ToArray(), 1)),
            Case("presence is neither 0 nor 1", "device list", Changed(VectorAccount.SignedFirstList.Body.ToArray(), ^2, 2)),
            Case("rights of neither kind", "device certificate", Certificate(^2, 2)),
            Case("an odd number of bytes of suites", "device certificate", Certificate(66, 3)),
            Case("an intro key of another length", "reachability", (VectorAccount.Reachability with { IntroKey = new byte[1215] }).EncodeBody()),
            Case("a relay URL of 513 bytes", "reachability", (VectorAccount.Reachability with { RelayUrl = new byte[513] }).EncodeBody()),
            Case("a URL that is not UTF-8", "relay statement", Statement(0xff)),
            Case("a proof that does not exist", "relay statement", Changed(Statement(0x61), 53, 3)),
            Case("another scheme", "link", "sotto:x/127.0.0.1:7788#AA"u8.ToArray()),
            Case("no address", "link", Encoding.ASCII.GetBytes(Link.Replace("127.0.0.1:7788", "", StringComparison.Ordinal))),
            Case("a byte too few", "link", Encoding.ASCII.GetBytes(Link[..^2])),
            Case("another format", "link", Encoding.ASCII.GetBytes("sotto:g/127.0.0.1:7788#" + BodyVectors.Base64([2, .. new byte[52]]))),
        ]);

    private static string Link => new RegistrationLink("127.0.0.1:7788", VectorAccount.RelayFingerprint, new(VectorKey.Value("registration token")), 498_700).ToLink();

    /// <summary>Whether the reader of a case refuses its bytes, as it must.</summary>
    public static bool IsRefused(string reader, byte[] bytes)
    {
        try
        {
            switch (reader)
            {
                case "signed record": SignedRecord.Decode(bytes); break;
                case "genesis": GenesisRecord.Decode(bytes); break;
                case "device list": DeviceList.Decode(bytes); break;
                case "device certificate": DeviceCertificate.Decode(new TlsWriter().Vector(bytes).Bytes(new byte[128]).Written); break;
                case "reachability": ReachabilityRecord.Decode(bytes); break;
                case "relay statement": RelayStatement.Decode(bytes); break;
                case "link": return !RegistrationLink.TryParse(Encoding.ASCII.GetString(bytes), out _);
                default: throw new ArgumentException("There is no such reader.", nameof(reader));
            }

            return false;
        }
        catch (RecordException)
        {
            return true;
        }
    }

    private static JsonObject Case(string name, string reader, byte[] bytes) => new() { ["name"] = name, ["reader"] = reader, ["bytes"] = Hex(bytes) };

    private static byte[] Changed(byte[] bytes, Index at, byte value)
    {
        var changed = (byte[])bytes.Clone();
        changed[at] = value;
        return changed;
    }

    /// <summary>A list's number stands after the header of 34 bytes.</summary>
    private static byte[] Number(byte[] list, byte number) => Changed(list, 41, number);

    /// <summary>One address, whose URL of one byte stands after type, format, key, two numbers and two lengths.</summary>
    private static byte[] Statement(byte url) =>
        Changed((VectorAccount.Statement with { Addresses = [new("x", TransportProof.Loopback, [])] }).EncodeBody(), 52, url);

    private static byte[] Certificate(Index at, byte value) =>
        Changed(VectorAccount.Certificate(VectorAccount.Device, VectorAccount.Account).Body.ToArray(), at, value);
}
