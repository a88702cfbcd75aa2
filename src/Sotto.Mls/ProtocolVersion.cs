namespace Sotto.Mls;

/// <summary>Versions of the protocol (RFC 9420 §6).</summary>
public static class ProtocolVersion
{
    /// <summary>MLS 1.0, the only version there is.</summary>
    public const ushort Mls10 = 1;
}
