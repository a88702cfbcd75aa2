namespace Sotto.Fuzz.Targets;

internal static class TokenSeeds
{
    private static readonly byte[] Iv = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    public static IEnumerable<(string Name, byte[] Input)> All()
    {
        yield return ("empty", []);
        foreach (var length in new[] { 0, 1, 15, 16, 31, 33, 100, 512 })
        {
            var token = TokenTarget.Sealed(1_700_000_000, Iv, new byte[length]);
            yield return ($"token-{length}", Text(token));
            yield return ($"token-{length}-cut", Text(token.AsSpan(..^1)));
        }

        var one = TokenTarget.Sealed(499_162_800, Iv, "hello"u8);
        yield return ("two-tokens", Text([.. one, .. one]));
        yield return ("token-between-noise", Text([.. "gAAAAA"u8, .. one, .. "gAAAAAtail"u8]));
        yield return ("space-inside", Text([.. one[..50], (byte)' ', .. one[51..]]));
        yield return ("beginnings", Text([.. Enumerable.Repeat("gAAAAA"u8.ToArray(), 40).SelectMany(part => part)]));
        yield return ("pads", Text("gAAAAA==========================="u8.ToArray()));
        yield return ("high-bytes", Text([.. Enumerable.Repeat((byte)0xFF, 100)]));
        foreach (var (name, version, time, blocks) in new[] { ("good", 0x80, 0, 1), ("version", 0x81, 0, 1), ("negative-time", 0x80, 0xFF, 1), ("no-block", 0x80, 0, 0), ("three-blocks", 0x80, 0x7F, 3) })
            yield return ($"body-{name}", [(byte)TokenTarget.Kind.Body, (byte)version, (byte)time, .. new byte[7 + 16 + blocks * 16]]);
        yield return ("body-ragged", [(byte)TokenTarget.Kind.Body, 0x80, .. new byte[8 + 16 + 17]]);
        yield return ("body-true", [(byte)TokenTarget.Kind.Body, .. SlowFernet.Decode(one).AsSpan(..^32)]);
        yield return ("lines", [(byte)TokenTarget.Kind.Lines, 6, 5, .. "hello"u8, 0, 16, .. new byte[16], 255, .. new byte[255]]);
        yield return ("lines-byte-by-byte", [(byte)TokenTarget.Kind.Lines, 0, 1, 65, 31, .. new byte[31]]);
    }

    private static byte[] Text(ReadOnlySpan<byte> text) => [(byte)TokenTarget.Kind.Text, .. text];
}
