using Sotto.Wire.Records;

namespace Sotto.Fuzz.Targets.Relay;

/// <summary>A signed record or the body of one. The first byte says which; what is read is written again.</summary>
internal static class SignedRecordTarget
{
    private delegate byte[] ReadAndWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Bodies are written again without their extensions.</summary>
    private static readonly ReadAndWrite[] Bodies =
    [
        bytes => GenesisRecord.Decode(bytes).Encode(),
        bytes => ReadCertificate(bytes).EncodeBody(),
        bytes => ReadList(bytes),
        bytes => ReachabilityRecord.Decode(bytes).EncodeBody(),
        bytes => RecoveryRecord.Decode(bytes).EncodeBody(),
        bytes => RelayStatement.Decode(bytes).EncodeBody(),
    ];

    public static int Count => Bodies.Length + 1;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var kind = reader.Byte() % Count;
        try
        {
            if (kind == Bodies.Length)
                CheckSigned(reader.Rest);
            else
                CheckBody(reader.Rest, Bodies[kind](reader.Rest));
        }
        catch (RecordException)
        {
            // The only way to refuse.
        }
    }

    private static void CheckSigned(ReadOnlySpan<byte> bytes)
    {
        var record = SignedRecord.Decode(bytes.ToArray());
        FindingException.ThrowUnless(record.Encode().AsSpan().SequenceEqual(bytes), "a signed record with two spellings");
    }

    /// <summary>The empty extensions at the end of what was written are one byte; everything before it is what was read.</summary>
    private static void CheckBody(ReadOnlySpan<byte> read, byte[] written) =>
        FindingException.ThrowUnless(read.StartsWith(written.AsSpan(..^1)) && read.Length >= written.Length, "a body with two spellings");

    private static DeviceCertificate ReadCertificate(ReadOnlySpan<byte> body) =>
        DeviceCertificate.Decode(DeviceCertificate.Encode(body, new byte[SignedRecord.SignatureLength], new byte[SignedRecord.SignatureLength]));

    private static byte[] ReadList(ReadOnlySpan<byte> body)
    {
        var list = DeviceList.Decode(body);
        return list.EncodeBody(list.Certificates.Select(certificate =>
            DeviceCertificate.Encode(certificate.Body.Span, certificate.AccountSignature.Span, certificate.DeviceSignature.Span)));
    }
}
