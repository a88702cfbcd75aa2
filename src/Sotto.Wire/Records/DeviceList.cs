namespace Sotto.Wire.Records;

/// <summary>What a list that the recovery key signed says besides.</summary>
/// <param name="RecoveryKey">The recovery key that signs, Ed25519; its hash stands in the genesis record.</param>
/// <param name="UnixSeconds">When it was made. Of two that do not descend from each other the later one counts.</param>
public sealed record RecoveryMark(Bytes32 RecoveryKey, ulong UnixSeconds);

/// <summary>
/// The devices of an account: <c>header; uint64 number; opaque predecessor[32]; opaque account_key[32];
/// DeviceCertificate certificates&lt;V&gt;; optional { opaque recovery_key[32]; uint64 unix_seconds }; extensions</c>.
/// The first list has number 1 and a predecessor of zeros; every other one its predecessor's number plus one.
/// </summary>
public sealed record DeviceList
{
    /// <summary>The account.</summary>
    public required Bytes32 Account { get; init; }

    /// <summary>One more than the predecessor's.</summary>
    public required ulong Number { get; init; }

    /// <summary>H of the predecessor's body, zeros in the first list.</summary>
    public required Bytes32 Predecessor { get; init; }

    /// <summary>The account key from this list on.</summary>
    public required Bytes32 AccountKey { get; init; }

    /// <summary>At most <see cref="Limits.Devices"/>.</summary>
    public required IReadOnlyList<DeviceCertificate> Certificates { get; init; }

    /// <summary>Set in a list that the recovery key signed.</summary>
    public RecoveryMark? Recovery { get; init; }

    /// <summary>Reads a list from its signed body; no signature is checked.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static DeviceList Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = RecordHeader.IsAt(ref reader, RecordType.DeviceList);
        var account = reader.ThirtyTwo();
        var number = reader.Number64();
        var (predecessor, accountKey) = (reader.ThirtyTwo(), reader.ThirtyTwo());
        var certificates = ReadCertificates(reader.Vector());
        var present = reader.Byte();
        var recovery = present == 1 ? new RecoveryMark(reader.ThirtyTwo(), reader.Number64()) : null;
        known &= RecordHeader.SkipExtensions(ref reader);
        if (!known || !reader.AtEnd || present > 1 || certificates is null || number == 0 || (number == 1) != (predecessor == default))
            throw new RecordException("device list");
        return new()
        {
            Account = account,
            Number = number,
            Predecessor = predecessor,
            AccountKey = accountKey,
            Certificates = certificates,
            Recovery = recovery,
        };
    }

    /// <summary>The bytes to sign, without extensions.</summary>
    /// <param name="certificates">Each certificate as carried.</param>
    public byte[] EncodeBody(IEnumerable<byte[]> certificates)
    {
        var list = new TlsWriter();
        foreach (var certificate in certificates)
            list.Bytes(certificate);
        var writer = RecordHeader.Begin(RecordType.DeviceList, Account)
            .Number64(Number).ThirtyTwo(Predecessor).ThirtyTwo(AccountKey).Vector(list.Written);
        if (Recovery is null)
            writer.Byte(0);
        else
            writer.Byte(1).ThirtyTwo(Recovery.RecoveryKey).Number64(Recovery.UnixSeconds);
        return RecordHeader.End(writer);
    }

    private static List<DeviceCertificate>? ReadCertificates(ReadOnlySpan<byte> bytes)
    {
        var certificates = new List<DeviceCertificate>();
        var reader = new TlsReader(bytes);
        while (reader.HasMore && certificates.Count < Limits.Devices)
        {
            if (DeviceCertificate.DecodeNext(ref reader) is not { } certificate)
                return null;
            certificates.Add(certificate);
        }

        return reader.AtEnd ? certificates : null;
    }
}
