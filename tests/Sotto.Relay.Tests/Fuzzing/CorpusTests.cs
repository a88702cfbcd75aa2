using Sotto.Fuzz;
using Sotto.Fuzz.Targets.Relay;

namespace Sotto.Relay.Tests.Fuzzing;

/// <summary>The fuzz targets of the relay on their kept corpus, and on as many inputs made from it as the tier has time for.</summary>
public sealed class CorpusTests
{
    private const int QuickRuns = 3_000;
    private const int AllRuns = 200_000;
    private const int SmallestCorpus = 30;

    public static TheoryData<string> Targets { get; } = new(RelayTargets.All.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_kept_input_passes_its_target(string name) =>
        Assert.InRange(FuzzRun.Replay(Target(name), Target(name).Corpus), SmallestCorpus, int.MaxValue);

    [Theory]
    [MemberData(nameof(Targets))]
    public void Inputs_made_from_the_corpus_pass_its_target(string name)
    {
        var runs = Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? AllRuns : QuickRuns;
        FuzzRun.Random(Target(name), Target(name).Corpus, (ulong)Random.Shared.NextInt64(), runs);
    }

    private static FuzzTarget Target(string name) => FuzzTarget.Find(name)!;
}
