using System.Buffers.Binary;
using Sotto.Crypto;
using Sotto.Wire;

namespace Sotto.Client;

/// <summary>The one place that random ids, tokens and capabilities come from.</summary>
internal static class Fresh
{
    public static byte[] Bytes(ICryptoProvider crypto, int count)
    {
        var bytes = new byte[count];
        crypto.FillRandom(bytes);
        return bytes;
    }

    public static Bytes16 Sixteen(ICryptoProvider crypto) => new(Bytes(crypto, Bytes16.Length));

    public static Bytes32 ThirtyTwo(ICryptoProvider crypto) => new(Bytes(crypto, Bytes32.Length));

    /// <summary>From 0 to 1, for delays that nobody is to foresee.</summary>
    public static double Fraction(ICryptoProvider crypto) => BinaryPrimitives.ReadUInt32BigEndian(Bytes(crypto, 4)) / (double)uint.MaxValue;
}
