using System.Numerics;
using Sotto.Mls;

namespace Sotto.Client.Conversations;

/// <summary>
/// The size of a payload says little: 512, 1 024, 2 048 or 4 096 bytes, above that Padmé (Nikitin and others, 2019), which
/// leaks O(log log n) bits and costs at most 12 %.
/// </summary>
internal static class PayloadPadding
{
    private const int Smallest = 512;
    private const int LargestStep = 4096;
    private const int AeadTag = 16;
    private const int EncryptedSenderData = 1 + 12 + AeadTag;

    /// <summary>The size that a payload of a length is padded to.</summary>
    public static int Padded(int length)
    {
        if (length <= LargestStep)
            return Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)length));
        var exponent = BitOperations.Log2((uint)length);
        var significant = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1 << (exponent - significant)) - 1;
        return (length + mask) & ~mask;
    }

    /// <summary>How many zeros a content of a PrivateMessage needs, so that the whole MLSMessage has a padded size.</summary>
    public static int ZerosFor(GroupId group, int authenticatedData, int contentLength)
    {
        var around = 4 + 1 + group.Bytes.Length + 8 + 1 + LengthBytes(authenticatedData) + authenticatedData + EncryptedSenderData;
        var whole = Padded(around + LengthBytes(contentLength + AeadTag) + contentLength + AeadTag);
        var content = whole - around - AeadTag;
        foreach (var bytes in (int[])[4, 2, 1])
        {
            if (LengthBytes(content - bytes + AeadTag) == bytes)
                return content - bytes - contentLength;
        }

        // A length field that is one size longer would just not fit: one byte less than a step.
        return content - 4 - contentLength;
    }

    private static int LengthBytes(int length) => length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : 4;
}
