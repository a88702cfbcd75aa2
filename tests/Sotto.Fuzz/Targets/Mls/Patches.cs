namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// Changes to true bytes, as an input lists them: <c>uint8 kind | uint16 place</c>, then a mask, or how many bytes go, or
/// how many bytes come and these. A place beyond the end is taken around.
/// </summary>
internal static class Patches
{
    public const byte Mask = 0;
    public const byte Cut = 1;
    public const byte Insert = 2;
    public const byte Remove = 3;
    public const byte Replace = 4;

    public static byte[] Apply(ReadOnlySpan<byte> truth, ref InputReader reader)
    {
        var changed = truth.ToArray().ToList();
        while (!reader.Rest.IsEmpty)
        {
            var kind = reader.Byte() % 5;
            var place = reader.UInt16() % (changed.Count + 1);
            switch (kind)
            {
                case Mask when place < changed.Count:
                    changed[place] ^= reader.Byte();
                    break;
                case Cut:
                    changed.RemoveRange(place, changed.Count - place);
                    break;
                case Insert:
                    changed.InsertRange(place, reader.Take(reader.Byte()).ToArray());
                    break;
                case Remove:
                    changed.RemoveRange(place, Math.Min(reader.Byte(), changed.Count - place));
                    break;
                case Replace:
                    var bytes = reader.Take(reader.Byte()).ToArray();
                    changed.RemoveRange(place, Math.Min(bytes.Length, changed.Count - place));
                    changed.InsertRange(place, bytes);
                    break;
            }
        }

        return [.. changed];
    }
}
