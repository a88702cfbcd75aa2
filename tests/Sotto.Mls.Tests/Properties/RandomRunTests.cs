using System.Globalization;

namespace Sotto.Mls.Tests.Properties;

/// <summary>Random runs of whole groups, each by its seed, which a failure prints.</summary>
public sealed class RandomRunTests(ITestOutputHelper output)
{
    private const int Steps = 120;
    private const int QuickSeeds = 200;
    private const int AllSeeds = 2_000;
    private const int PostQuantumSeeds = 10;

    private static readonly string[] _everything =
    [
        "said", "read", "read late", "texts refused", "proposed", "update proposed", "commit made", "commits accepted", "commit dropped", "own commit entered",
        "commit followed", "proposal taken", "proposal taken early", "entry out of turn", "joined by Welcome", "joined from outside", "external commit lost", "resynced", "removed",
        "restarted", "re-initialised", "branched", "tried by a removed member",
    ];

    [Fact]
    public void Members_agree_and_read_what_is_theirs_whatever_happens()
    {
        var (first, count) = Seeds();
        var counts = RunAll(first, count, CipherSuite.X25519Aes128Sha256Ed25519);
        Assert.Empty(_everything.Except(counts.Keys));
    }

    [Fact]
    public void Members_agree_in_the_post_quantum_suite()
    {
        var counts = RunAll(Seeds().First, PostQuantumSeeds, CipherSuite.XWingAes256Sha384Ed25519);
        Assert.True(counts["commit followed"] > 0);
    }

    /// <summary>SOTTO_MLS_SEEDS is the first seed and how many; without it the seeds begin where chance wants.</summary>
    private static (ulong First, int Count) Seeds()
    {
        var given = Environment.GetEnvironmentVariable("SOTTO_MLS_SEEDS")?.Split(' ');
        if (given is [var first, var count])
            return (ulong.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
        return ((ulong)Random.Shared.NextInt64(1L << 40), Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? AllSeeds : QuickSeeds);
    }

    private Dictionary<string, int> RunAll(ulong first, int count, CipherSuite suite)
    {
        var counts = new Dictionary<string, int>();
        for (var seed = first; seed < first + (ulong)count; seed++)
        {
            foreach (var (what, times) in RunOne(seed, suite))
                counts[what] = counts.GetValueOrDefault(what) + times;
        }

        output.WriteLine($"seeds {first} to {first + (ulong)count - 1}: {string.Join(", ", counts.OrderBy(entry => entry.Key).Select(entry => $"{entry.Key} {entry.Value}"))}");
        return counts;
    }

    private static Dictionary<string, int> RunOne(ulong seed, CipherSuite suite)
    {
        using var run = new RandomRun(seed, suite);
        try
        {
            run.Run(Steps);
            return run.Counts;
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"Seed {seed} (SOTTO_MLS_SEEDS=\"{seed} 1\") in {suite}: {failure.Message}", failure);
        }
    }
}
