namespace Sotto.Wire.Records;

/// <summary>
/// Where a device can be reached: <c>header; opaque device_key[32]; uint64 number; opaque relay_url&lt;V&gt;;
/// opaque relay_fingerprint[16]; opaque intro_channel[16]; opaque intro_key&lt;V&gt;; uint64 expires; extensions</c>.
/// Signed by the device.
/// </summary>
public sealed record ReachabilityRecord
{
    /// <summary>The account.</summary>
    public required Bytes32 Account { get; init; }

    /// <summary>The device, Ed25519.</summary>
    public required Bytes32 DeviceKey { get; init; }

    /// <summary>Rises with every record of the device: max(last + 1, Unix milliseconds).</summary>
    public required ulong Number { get; init; }

    /// <summary>The relay's URL in UTF-8, at most 512 bytes.</summary>
    public required ReadOnlyMemory<byte> RelayUrl { get; init; }

    /// <summary>The first 16 bytes of H of the relay's identity key.</summary>
    public required Bytes16 RelayFingerprint { get; init; }

    /// <summary>The device's intro channel.</summary>
    public required Bytes16 IntroChannel { get; init; }

    /// <summary>The X-Wing key that first messages are sealed to, 1 216 bytes.</summary>
    public required ReadOnlyMemory<byte> IntroKey { get; init; }

    /// <summary>Unix seconds.</summary>
    public required ulong Expires { get; init; }

    /// <summary>Reads a record from its signed body; no signature is checked.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static ReachabilityRecord Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = RecordHeader.IsAt(ref reader, RecordType.Reachability);
        var (account, device) = (reader.ThirtyTwo(), reader.ThirtyTwo());
        var number = reader.Number64();
        var url = reader.Vector();
        var (fingerprint, channel) = (reader.Sixteen(), reader.Sixteen());
        var key = reader.Vector();
        var expires = reader.Number64();
        known &= RecordHeader.SkipExtensions(ref reader);
        if (!known || !reader.AtEnd || url.Length > 512 || key.Length != 1216)
            throw new RecordException("reachability record");
        return new()
        {
            Account = account,
            DeviceKey = device,
            Number = number,
            RelayUrl = url.ToArray(),
            RelayFingerprint = fingerprint,
            IntroChannel = channel,
            IntroKey = key.ToArray(),
            Expires = expires,
        };
    }

    /// <summary>The bytes to sign, without extensions.</summary>
    public byte[] EncodeBody() => RecordHeader.End(RecordHeader.Begin(RecordType.Reachability, Account)
        .ThirtyTwo(DeviceKey).Number64(Number).Vector(RelayUrl.Span).Sixteen(RelayFingerprint).Sixteen(IntroChannel)
        .Vector(IntroKey.Span).Number64(Expires));
}
