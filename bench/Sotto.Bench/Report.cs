using System.Globalization;

namespace Sotto.Bench;

/// <summary>
/// Prints the rows of a chapter as they come and puts them into <c>docs/performance.md</c>, between its two marks; what stands around them
/// is written by people.
/// </summary>
internal sealed class Report(Plan plan, string chapter)
{
    private const string End = "<!-- end of figures -->";
    private const string TableHead = "| what | figure | peer | ratio | goal | |\n| --- | --- | --- | --- | --- | --- |";
    private readonly List<string> _parts = [];

    private string Begin => $"<!-- figures: written by bench/run {chapter} -->";

    public void Section(string heading, IEnumerable<Row> rows)
    {
        Console.WriteLine($"\n{heading}");
        var lines = new List<string>();
        foreach (var row in rows)
        {
            Console.WriteLine(row);
            lines.Add(row.ToString());
        }

        _parts.Add($"### {heading}\n\n{TableHead}\n{string.Join('\n', lines)}");
    }

    public void Write(string machine)
    {
        var path = Path.Combine(plan.Root, "docs", "performance.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = begin < 0 ? -1 : text.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < 0)
            throw new InvalidDataException($"{path} has lost the marks between which the figures go.");
        var command = $"bench/run{(plan.Quick ? " --quick" : "")} {chapter}";
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var head = $"Measured on {date} by `{command}`, medians of rounds that take turns.\n\n{machine}";
        File.WriteAllText(path, $"{text[..begin]}{Begin}\n{head}\n\n{string.Join("\n\n", _parts)}\n{text[end..]}");
    }
}
