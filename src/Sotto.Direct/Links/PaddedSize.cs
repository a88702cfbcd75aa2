using System.Numerics;

namespace Sotto.Direct.Links;

/// <summary>
/// The sizes that an observer can see (threat model §5): 512, 1 024, 2 048 and 4 096 bytes, then Padmé, which leaves at
/// most 12 % and hides all but the order of magnitude.
/// </summary>
internal static class PaddedSize
{
    public static int Of(int length) => length switch
    {
        <= 512 => 512,
        <= 1024 => 1024,
        <= 2048 => 2048,
        <= 4096 => 4096,
        _ => Padme(length),
    };

    /// <summary>Keeps the highest bits of the length, as many as its exponent has bits, and rounds the rest up.</summary>
    private static int Padme(int length)
    {
        var exponent = BitOperations.Log2((uint)length);
        var kept = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1 << (exponent - kept)) - 1;
        return (length + mask) & ~mask;
    }
}
