using System.Globalization;
using System.Text;

namespace Sotto.Direct.Files;

/// <summary>
/// Unicode normalization form C (UAX #15). The BCL's own returns every text unchanged in a program built without globalization
/// data, as this one is, and file names made on macOS arrive decomposed.
/// </summary>
internal static class Nfc
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private static readonly Lazy<Tables> Loaded = new(Tables.Load);

    /// <summary>The text in form C. Lone surrogates become U+FFFD.</summary>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Ascii.IsValid(text))
            return text;
        var tables = Loaded.Value;
        var points = Decompose(text, tables);
        Order(points, tables);
        Compose(points, tables);
        return ToText(points);
    }

    private static List<int> Decompose(string text, Tables tables)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, points, tables);
        return points;
    }

    private static void Decompose(int point, List<int> points, Tables tables)
    {
        var syllable = point - SBase;
        if (syllable is >= 0 and < SCount)
        {
            points.Add(LBase + (syllable / (VCount * TCount)));
            points.Add(VBase + (syllable % (VCount * TCount) / TCount));
            if (syllable % TCount != 0)
                points.Add(TBase + (syllable % TCount));
            return;
        }
        if (!tables.Decompositions.TryGetValue(point, out var parts))
        {
            points.Add(point);
            return;
        }
        Decompose(parts.First, points, tables);
        if (parts.Second != 0)
            Decompose(parts.Second, points, tables);
    }

    /// <summary>Sorts each run of combining characters by class, keeping the order within a class.</summary>
    private static void Order(List<int> points, Tables tables)
    {
        for (var start = 0; start < points.Count; start++)
        {
            if (tables.Class(points[start]) == 0)
                continue;
            var end = start + 1;
            while (end < points.Count && tables.Class(points[end]) != 0)
                end++;
            var sorted = points[start..end].OrderBy(tables.Class).ToList();
            for (var i = 0; i < sorted.Count; i++)
                points[start + i] = sorted[i];
            start = end;
        }
    }

    private static void Compose(List<int> points, Tables tables)
    {
        var (written, starter, lastClass) = (0, -1, 0);
        for (var read = 0; read < points.Count; read++)
        {
            var point = points[read];
            var itsClass = tables.Class(point);
            // Blocked if something of the same or a higher class, or any starter, stands between.
            var adjacent = starter == written - 1;
            if (starter >= 0 && (adjacent || (lastClass < itsClass && lastClass != 0)) && Composed(points[starter], point, tables) is > 0 and var whole)
            {
                points[starter] = whole;
                continue;
            }
            if (itsClass == 0)
                starter = written;
            lastClass = itsClass;
            points[written++] = point;
        }
        points.RemoveRange(written, points.Count - written);
    }

    private static int Composed(int first, int second, Tables tables)
    {
        if (first - LBase is >= 0 and < LCount and var l && second - VBase is >= 0 and < VCount and var v)
            return SBase + (((l * VCount) + v) * TCount);
        if (first - SBase is >= 0 and < SCount and var s && s % TCount == 0 && second - TBase is > 0 and < TCount and var t)
            return first + t;
        return tables.Compositions.GetValueOrDefault((first, second));
    }

    private static string ToText(List<int> points)
    {
        var text = new StringBuilder(points.Count);
        foreach (var point in points)
            text.Append(new Rune(point).ToString());
        return text.ToString();
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, int> _classes = [];

        public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public int Class(int point) => _classes.GetValueOrDefault(point);

        public static Tables Load()
        {
            var tables = new Tables();
            Read(NfcData.Compositions, NumberStyles.HexNumber, tables.AddComposition);
            var next = 0;
            var group = -1;
            Read(NfcData.DecompositionsOnly, NumberStyles.HexNumber, (start, token) =>
            {
                next = start == group ? next + 1 : start;
                group = start;
                tables.AddDecomposition(next, token);
            });
            Read(NfcData.CombiningClasses, NumberStyles.Integer, tables.AddClass);
            return tables;
        }

        private static void Read(string data, NumberStyles heads, Action<int, string> entry)
        {
            var head = 0;
            foreach (var token in data.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (token[^1] == ':')
                    head = int.Parse(token.AsSpan(0, token.Length - 1), heads, CultureInfo.InvariantCulture);
                else
                    entry(head, token);
            }
        }

        private void AddComposition(int second, string token)
        {
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            var (first, composed) = (Hex(token.AsSpan(0, equals)), Hex(token.AsSpan(equals + 1)));
            Compositions.Add((first, second), composed);
            Decompositions.Add(composed, (first, second));
        }

        private void AddDecomposition(int point, string token)
        {
            var plus = token.IndexOf('+', StringComparison.Ordinal);
            Decompositions.Add(point, plus < 0 ? (Hex(token), 0) : (Hex(token.AsSpan(0, plus)), Hex(token.AsSpan(plus + 1))));
        }

        private void AddClass(int combiningClass, string token)
        {
            var dash = token.IndexOf('-', StringComparison.Ordinal);
            var (first, last) = dash < 0 ? (Hex(token), Hex(token)) : (Hex(token.AsSpan(0, dash)), Hex(token.AsSpan(dash + 1)));
            for (var point = first; point <= last; point++)
                _classes.Add(point, combiningClass);
        }

        private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
