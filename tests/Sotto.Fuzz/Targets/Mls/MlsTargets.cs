namespace Sotto.Fuzz.Targets.Mls;

/// <summary>The targets of the MLS library. None may allocate much for a small input, whatever lengths the input names.</summary>
internal static class MlsTargets
{
    private const long MostAllocated = 64 * 1024 * 1024;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("mls-message", Bounded(MlsMessageTarget.Run), MlsSeeds.Messages),
        new("key-package", Bounded(KeyPackageTarget.Run), MlsSeeds.KeyPackages),
        new("welcome", Bounded(WelcomeTarget.Run), MlsSeeds.Welcomes),
        new("group-info", Bounded(GroupInfoTarget.Run), MlsSeeds.GroupInfos),
        new("ratchet-tree", Bounded(RatchetTreeTarget.Run), MlsSeeds.Trees),
        new("proposal-list", Bounded(ProposalListTarget.Run), MlsSeeds.ProposalLists),
        new("mls-group", Bounded(MlsGroupTarget.Run), MlsSeeds.GroupMessages),
    ];

    private static RunInput Bounded(RunInput run)
    {
        var isWarm = false;
        return input =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            FindingException.ThrowUnless(!isWarm || allocated < MostAllocated, $"{allocated} bytes were allocated for {input.Length}");
            isWarm = true;
        };
    }
}
