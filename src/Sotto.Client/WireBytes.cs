using Google.Protobuf;
using Sotto.Wire;

namespace Sotto.Client;

/// <summary>Fixed-length bytes in protobuf fields.</summary>
internal static class WireBytes
{
    public static ByteString ToWire(this Bytes16 value) => ByteString.CopyFrom(value.ToArray());

    public static ByteString ToWire(this Bytes32 value) => ByteString.CopyFrom(value.ToArray());

    /// <summary>H of a capability, as the relay stores it.</summary>
    public static ByteString HashToWire(this Bytes32 capability) => Bytes32.HashOf(capability.ToArray()).ToWire();

    public static Bytes32? AsThirtyTwo(this ByteString value) => value.Length == Bytes32.Length ? new(value.Span) : null;

    public static Bytes16? AsSixteen(this ByteString value) => value.Length == Bytes16.Length ? new(value.Span) : null;
}
