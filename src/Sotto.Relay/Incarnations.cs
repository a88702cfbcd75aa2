using System.Buffers.Binary;

namespace Sotto.Relay;

/// <summary>An incarnation is 8 random bytes on the wire and a number inside.</summary>
internal static class Incarnations
{
    public static byte[] Bytes(ulong incarnation)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, incarnation);
        return bytes;
    }
}
