namespace Sotto.Wire.Records;

/// <summary>The first byte of every signed record.</summary>
public enum RecordType : byte
{
    /// <summary>See <see cref="GenesisRecord"/>.</summary>
    Genesis = 1,

    /// <summary>See <see cref="DeviceCertificate"/>.</summary>
    DeviceCertificate = 2,

    /// <summary>See <see cref="DeviceList"/>.</summary>
    DeviceList = 3,

    /// <summary>See <see cref="ReachabilityRecord"/>.</summary>
    Reachability = 4,

    /// <summary>A profile; only inside conversations, never seen by a relay.</summary>
    Profile = 5,

    /// <summary>See <see cref="RecoveryRecord"/>.</summary>
    Recovery = 6,

    /// <summary>See <see cref="RelayStatement"/>.</summary>
    RelayStatement = 7,
}

/// <summary><c>uint8 type; uint8 format = 1; opaque account_id[32]</c>, and the extensions at the end of every record.</summary>
internal static class RecordHeader
{
    public const byte Format = 1;

    public static TlsWriter Begin(RecordType type, Bytes32 account) => Begin(type).ThirtyTwo(account);

    /// <summary>For the two records that no account stands in front of: genesis and a relay's statement.</summary>
    public static TlsWriter Begin(RecordType type) => new TlsWriter().Byte((byte)type).Byte(Format);

    public static bool IsAt(ref TlsReader reader, RecordType type) => reader.Byte() == (byte)type & reader.Byte() == Format;

    /// <summary><c>struct { uint16 type; opaque data&lt;V&gt; } extensions&lt;V&gt;</c>: unknown ones are kept and ignored, so only their shape is read.</summary>
    public static bool SkipExtensions(ref TlsReader reader)
    {
        var extensions = new TlsReader(reader.Vector());
        var last = -1;
        while (extensions.HasMore)
        {
            var type = extensions.Number16();
            extensions.Vector();
            if (type <= last)
                return false;
            last = type;
        }

        return extensions.AtEnd;
    }

    public static byte[] End(TlsWriter writer) => writer.Vector([]).ToArray();
}
