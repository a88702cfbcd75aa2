namespace Sotto.Attack.Tests;

/// <summary>
/// Collects one row for each attack that ran, and writes <c>artifacts/attack-report.md</c>. The report is the run's own
/// word: a row says what was counted, and for a control whether the attack succeeded without the defence.
/// </summary>
internal static class AttackReport
{
    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<string, string> Rows = [];
    private static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "..", $"attack-report-{Build}.md");

    /// <summary>Which build this is: <c>release</c> tries the attacks, <c>defences</c> shows that they work without the defence.</summary>
    public static string Build =>
#if DEFENCES
        "defences";
#else
        "release";
#endif

    public static void Add(string id, string attack, string result)
    {
        lock (Gate)
        {
            Rows[$"{id} {attack}"] = $"| {id} | {attack} | {result} |";
            File.WriteAllLines(Path, [$"# Attack report ({Build} build)", "", "| id | attack | result |", "| --- | --- | --- |", .. Rows.Values]);
        }
    }
}
