using System.Globalization;
using Sotto.Simulation.Tests.Running;

namespace Sotto.Simulation.Tests;

/// <summary>Random lives of two to four people and a relay, each by its seed. A failure prints the seed and its shortest schedule.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int QuickSeeds = 8;
    private const int AllSeeds = 100;

    [Fact]
    public Task Whatever_happens_everything_that_was_sent_is_shown_once_and_both_ends_agree() => Worker.OnOwnThreadAsync(() =>
    {
        var (first, count) = Seeds();
        var counts = new Dictionary<string, int>();
        for (var seed = first; seed < first + (ulong)count; seed++)
        {
            foreach (var (what, times) in SeededRun.Run(seed))
                counts[what] = counts.GetValueOrDefault(what) + times;
        }

        output.WriteLine($"seeds {first} to {first + (ulong)count - 1}: {string.Join(", ", counts.OrderBy(entry => entry.Key).Select(entry => $"{entry.Key} {entry.Value}"))}");
    });

    /// <summary>SOTTO_SIMULATION_SEEDS is the first seed and how many; without it the same ones run each time: new ones are the soak programme's.</summary>
    private static (ulong First, int Count) Seeds()
    {
        var given = Environment.GetEnvironmentVariable("SOTTO_SIMULATION_SEEDS")?.Split(' ');
        if (given is [var first, var count])
            return (ulong.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
        return (1, Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? AllSeeds : QuickSeeds);
    }
}
