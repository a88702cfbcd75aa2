namespace Sotto.Wire.Records;

/// <summary>
/// What a signature is over: <c>struct { opaque label&lt;V&gt;; opaque content&lt;V&gt; }</c>, the shape of RFC 9420 §5.1.2 with
/// labels of our own, so that no signature of one kind passes as another.
/// </summary>
public static class SignContent
{
    /// <summary>Signed by the account key.</summary>
    public static ReadOnlySpan<byte> DeviceCertificate => "Sotto 1 device certificate"u8;

    /// <summary>The device's countersignature under its certificate.</summary>
    public static ReadOnlySpan<byte> DeviceCountersignature => "Sotto 1 device countersignature"u8;

    /// <summary>Signed by the account key that the predecessor names, or by the recovery key.</summary>
    public static ReadOnlySpan<byte> DeviceList => "Sotto 1 device list"u8;

    /// <summary>Signed by the device.</summary>
    public static ReadOnlySpan<byte> Reachability => "Sotto 1 reachability"u8;

    /// <summary>Signed by the account key.</summary>
    public static ReadOnlySpan<byte> RecoveryRecord => "Sotto 1 recovery record"u8;

    /// <summary>Signed by the relay's identity.</summary>
    public static ReadOnlySpan<byte> RelayStatement => "Sotto 1 relay statement"u8;

    /// <summary>Signed by the relay's identity.</summary>
    public static ReadOnlySpan<byte> RegistrationReceipt => "Sotto 1 registration receipt"u8;

    /// <summary>Signed by the relay's identity.</summary>
    public static ReadOnlySpan<byte> CommitReceipt => "Sotto 1 commit receipt"u8;

    /// <summary>Signed by a device, or in a recovery by the recovery key.</summary>
    public static ReadOnlySpan<byte> Request => "Sotto 1 request"u8;

    /// <summary>The bytes to sign.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> label, ReadOnlySpan<byte> content) =>
        new TlsWriter().Vector(label).Vector(content).ToArray();
}
