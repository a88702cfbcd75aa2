namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>
/// The writes of a relay at work are recorded and replayed up to each flush: the power goes just before the next flush ends.
/// What was written since the last one got to the disk not at all, wholly, or in torn sectors. Everything that a client was
/// told by then must be there.
/// </summary>
public sealed class PowerLossTests
{
    /// <summary>How many of the intervals between flushes are looked at, and how many torn disks for each.</summary>
    private static readonly (int Intervals, int Torn) Thoroughness = Environment.GetEnvironmentVariable("SOTTO_TIER") switch
    {
        "soak" => (int.MaxValue, 50),
        "all" => (60, 2),
        _ => (15, 1),
    };

    [Fact]
    public async Task Everything_acknowledged_before_a_flush_is_there_after_a_power_loss()
    {
        using var recording = await Recording.MakeAsync(flushes: true);
        var outcome = await ReplayAsync(recording);
        Assert.True(outcome.Loss is null, outcome.Loss);
        Assert.True(outcome.Told > 300, "Too little was acknowledged for a test.");
        Assert.True(outcome.Disks > 2 * Math.Min(Thoroughness.Intervals, 200), "Too few disks were looked at.");
        TestContext.Current.SendDiagnosticMessage($"{outcome.Disks} disks, {outcome.Told} acknowledgements, no loss");
    }

    /// <summary>The same without flushing: if nothing were lost, the test above would prove nothing.</summary>
    [Fact]
    public async Task Without_flushing_a_power_loss_loses_what_was_acknowledged()
    {
        using var recording = await Recording.MakeAsync(flushes: false);
        Assert.NotNull((await ReplayAsync(recording)).Loss);
    }

    /// <returns>What was lost first, how many acknowledgements there were, and how many disks were looked at.</returns>
    private static async Task<(string? Loss, int Told, int Disks)> ReplayAsync(Recording recording)
    {
        var disk = new ReplayedFolder(recording.Data);
        var told = new List<(string What, byte[][] Values)>();
        var (interval, disks) = (0, 0);
        var every = Math.Max(1, recording.Calls.OfType<FlushEnded>().Count() / Thoroughness.Intervals);
        foreach (var call in recording.Calls)
        {
            if (call is Written write && write.Path.EndsWith(Acknowledgements.Name, StringComparison.Ordinal))
            {
                told.AddRange(Acknowledgements.Read(write.Bytes));
                continue;
            }

            if (call is FlushEnded && ++interval % every == 0)
            {
                foreach (var (survived, seed) in Fates())
                {
                    disks++;
                    if (await FindLossAsync(disk, survived, seed, told) is { } loss)
                        return ($"{loss} Flush {interval}, {survived}, seed {seed}.", told.Count, disks);
                }
            }

            if (call.Path.StartsWith(recording.Data, StringComparison.Ordinal))
                disk.Apply(call);
        }

        return (null, told.Count, disks);
    }

    private static IEnumerable<(Survived Survived, int Seed)> Fates()
    {
        yield return (Survived.Nothing, 0);
        yield return (Survived.Everything, 0);
        for (var seed = 1; seed <= Thoroughness.Torn; seed++)
            yield return (Survived.Some, seed);
    }

    private static async Task<string?> FindLossAsync(ReplayedFolder disk, Survived survived, int seed, List<(string What, byte[][] Values)> told)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Memory, "sotto-disk-" + Path.GetRandomFileName())).FullName;
        try
        {
            disk.WriteTo(folder, survived, new Random(seed));
            return await new AfterPowerLoss(folder).FindLossAsync(told);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A folder in memory where there is one: thousands of disks are made, and nobody needs to wait for a real one.</summary>
    private static string Memory => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
}
