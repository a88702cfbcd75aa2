namespace Sotto.Fuzz;

/// <summary>Makes new inputs of old ones: a few small changes each, the same for the same seed.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, FixedRandom random)
{
    private static readonly byte[] Telling = [0, 1, 0x7F, 0x80, 0xFF, (byte)'=', (byte)'#', (byte)'[', (byte)':', 0x1B];

    public byte[] Next()
    {
        var input = Pick().ToList();
        for (var changes = 1 + random.Below(6); changes > 0; changes--)
            Change(input);
        return [.. input.Take(FuzzTarget.MaxInput)];
    }

    private byte[] Pick() => corpus[random.Below(corpus.Count)];

    private void Change(List<byte> input)
    {
        var at = random.Below(input.Count + 1);
        var length = Math.Min(1 + random.Below(1 << random.Below(7)), input.Count - at);
        switch (random.Below(7))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)random.Next();
                break;
            case 2 when at < input.Count:
                input[at] = Telling[random.Below(Telling.Length)];
                break;
            case 3:
                input.RemoveRange(at, length);
                break;
            case 4:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 5:
                input.InsertRange(at, Enumerable.Range(0, random.Below(9)).Select(_ => (byte)random.Next()).ToArray());
                break;
            case 6 when Pick() is { Length: > 0 } other:
                var from = random.Below(other.Length);
                input.InsertRange(at, other.Skip(from).Take(1 + random.Below(64)).ToArray());
                break;
        }
    }
}
