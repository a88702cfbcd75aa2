namespace Sotto.Wire.Records;

/// <summary>What a device may do.</summary>
[Flags]
public enum DeviceRights : byte
{
    /// <summary>A limited device: it has a leaf and no account key.</summary>
    Limited = 0,

    /// <summary>A full device: it holds the account key.</summary>
    Full = 1,
}

/// <summary>
/// One device of an account: <c>header; opaque device_key[32]; uint16 suites&lt;V&gt;; uint8 rights; extensions</c>, carried as
/// <c>opaque body&lt;V&gt;; opaque account_signature[64]; opaque device_signature[64]</c>. Both sign the body, under labels of
/// their own.
/// </summary>
public sealed record DeviceCertificate
{
    /// <summary>The account.</summary>
    public required Bytes32 Account { get; init; }

    /// <summary>The device's signature key, Ed25519.</summary>
    public required Bytes32 DeviceKey { get; init; }

    /// <summary>The MLS suites that the device can use, in its order.</summary>
    public required IReadOnlyList<ushort> Suites { get; init; }

    /// <summary>What the device may do.</summary>
    public required DeviceRights Rights { get; init; }

    /// <summary>The bytes that both signed.</summary>
    public ReadOnlyMemory<byte> Body { get; private init; }

    /// <summary>By the account key, 64 bytes.</summary>
    public ReadOnlyMemory<byte> AccountSignature { get; private init; }

    /// <summary>By the device, 64 bytes.</summary>
    public ReadOnlyMemory<byte> DeviceSignature { get; private init; }

    /// <summary>The bytes to sign, without extensions.</summary>
    public byte[] EncodeBody()
    {
        var suites = new TlsWriter();
        foreach (var suite in Suites)
            suites.Number16(suite);
        return RecordHeader.End(RecordHeader.Begin(RecordType.DeviceCertificate, Account)
            .ThirtyTwo(DeviceKey).Vector(suites.Written).Byte((byte)Rights));
    }

    /// <summary>The bytes to carry.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> body, ReadOnlySpan<byte> accountSignature, ReadOnlySpan<byte> deviceSignature) =>
        new TlsWriter().Vector(body).Bytes(accountSignature).Bytes(deviceSignature).ToArray();

    /// <summary>Reads one certificate; its signatures are not checked.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static DeviceCertificate Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var certificate = DecodeNext(ref reader);
        return certificate is not null && reader.AtEnd ? certificate : throw new RecordException("device certificate");
    }

    internal static DeviceCertificate? DecodeNext(ref TlsReader outer)
    {
        var body = outer.Vector();
        var accountSignature = outer.Bytes(SignedRecord.SignatureLength);
        var deviceSignature = outer.Bytes(SignedRecord.SignatureLength);
        var reader = new TlsReader(body);
        var known = RecordHeader.IsAt(ref reader, RecordType.DeviceCertificate);
        var (account, device) = (reader.ThirtyTwo(), reader.ThirtyTwo());
        var suites = ReadSuites(reader.Vector());
        var rights = (DeviceRights)reader.Byte();
        known &= RecordHeader.SkipExtensions(ref reader);
        if (!known || !reader.AtEnd || suites is null || rights > DeviceRights.Full)
            return null;
        return new()
        {
            Account = account,
            DeviceKey = device,
            Suites = suites,
            Rights = rights,
            Body = body.ToArray(),
            AccountSignature = accountSignature.ToArray(),
            DeviceSignature = deviceSignature.ToArray(),
        };
    }

    private static ushort[]? ReadSuites(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 2 != 0)
            return null;
        var reader = new TlsReader(bytes);
        var suites = new ushort[bytes.Length / 2];
        for (var i = 0; i < suites.Length; i++)
            suites[i] = reader.Number16();
        return suites;
    }
}
