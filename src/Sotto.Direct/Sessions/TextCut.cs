namespace Sotto.Direct.Sessions;

/// <summary>Where a long line may be cut without splitting a character.</summary>
internal static class TextCut
{
    /// <summary>The last place at or before the limit where a UTF-8 character begins; the limit itself for other bytes.</summary>
    public static int Before(ReadOnlySpan<byte> text, int limit)
    {
        for (var cut = limit; cut > limit - 4; cut--)
        {
            if ((text[cut] & 0xC0) != 0x80)
                return cut;
        }

        return limit;
    }
}
