namespace Sotto.Wire.Records;

/// <summary>
/// The envelope of what a recovery needs: <c>header; uint64 number; uint32 day; opaque sealed&lt;V&gt;; extensions</c>, signed by
/// the account key. The relay keeps it and cannot open it.
/// </summary>
public sealed record RecoveryRecord
{
    /// <summary>The account.</summary>
    public required Bytes32 Account { get; init; }

    /// <summary>Rises with every record of the account.</summary>
    public required ulong Number { get; init; }

    /// <summary>Unix day on which it was made, as the device says.</summary>
    public required uint Day { get; init; }

    /// <summary>HPKE ciphertext, padded to steps of 64 KiB.</summary>
    public required ReadOnlyMemory<byte> Sealed { get; init; }

    /// <summary>Reads a record from its signed body; no signature is checked.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static RecoveryRecord Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = RecordHeader.IsAt(ref reader, RecordType.Recovery);
        var account = reader.ThirtyTwo();
        var (number, day) = (reader.Number64(), reader.Number32());
        var content = reader.Vector();
        known &= RecordHeader.SkipExtensions(ref reader);
        if (!known || !reader.AtEnd)
            throw new RecordException("recovery record");
        return new() { Account = account, Number = number, Day = day, Sealed = content.ToArray() };
    }

    /// <summary>The bytes to sign, without extensions.</summary>
    public byte[] EncodeBody() => RecordHeader.End(RecordHeader.Begin(RecordType.Recovery, Account)
        .Number64(Number).Number32(Day).Vector(Sealed.Span));
}
