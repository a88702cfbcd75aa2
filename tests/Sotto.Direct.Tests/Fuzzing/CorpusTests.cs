using Sotto.Fuzz;

namespace Sotto.Direct.Tests.Fuzzing;

/// <summary>The fuzz targets of direct mode on their kept corpus, and on as many inputs made from it as the tier has time for.</summary>
public sealed class CorpusTests
{
    private const int QuickRuns = 20_000;
    private const int AllRuns = 100_000;
    private const int SmallestCorpus = 30;

    public static TheoryData<string> Targets { get; } = new(FuzzTarget.OfDirectMode.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_kept_input_passes_its_target(string name) =>
        Assert.InRange(FuzzRun.Replay(Target(name), Target(name).Corpus), SmallestCorpus, int.MaxValue);

    [Theory]
    [MemberData(nameof(Targets))]
    public void Inputs_made_from_the_corpus_pass_its_target(string name)
    {
        var runs = Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? AllRuns : QuickRuns;
        var seed = (ulong)Random.Shared.NextInt64();
        FuzzRun.Random(Target(name), Target(name).Corpus, seed, runs);
    }

    [Fact]
    public void A_failure_says_target_seed_and_input()
    {
        var broken = new FuzzTarget("broken", _ => throw new FindingException("as asked"), () => []);

        var failed = Assert.Throws<FailedInputException>(() => FuzzRun.Random(broken, Target("text").Corpus, seed: 42, runs: 1));

        Assert.Contains("broken, seed 42, run 0", failed.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(failed.Input), failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_makes_the_same_inputs_again()
    {
        byte[][] corpus = [[1, 2, 3], [.. "another"u8]];
        var (first, second) = (new Mutator(corpus, new(7)), new Mutator(corpus, new(7)));

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(first.Next(), second.Next()));
    }

    private static FuzzTarget Target(string name) => FuzzTarget.Find(name)!;
}
