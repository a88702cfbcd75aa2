namespace Sotto.Simulation.Tests.Running;

/// <summary>A seed's run, and the shortest schedule that still fails as it did.</summary>
internal static class SeededRun
{
    private const int MostTries = 150;

    /// <returns>How often what happened.</returns>
    public static Dictionary<string, int> Run(ulong seed)
    {
        var schedule = Schedule.Of(seed);
        var (failure, counts, _) = Try(schedule);
        if (failure is null)
            return counts;
        var shortest = Shrink(schedule, failure);
        var (last, _, record) = Try(shortest);
        throw new Xunit.Sdk.XunitException(
            $"Seed {seed} (SOTTO_SIMULATION_SEEDS=\"{seed} 1\"): {failure.Message}\n{shortest.Steps.Count} of {schedule.Steps.Count} steps: {string.Join(", ", shortest.Steps)}\n{last?.Message}\n{string.Join('\n', record.TakeLast(60))}",
            failure);
    }

    public static (Exception? Failure, Dictionary<string, int> Counts, IReadOnlyList<string> Record) Try(Schedule schedule)
    {
        var world = new World(schedule);
        Exception? failure = null;
        try
        {
            world.Run();
        }
        catch (Exception found)
        {
            failure = found;
        }

        try
        {
            world.Dispose();
        }
        catch (Exception found)
        {
            failure ??= found;
        }

        return (failure, world.Counts, world.Record);
    }

    /// <summary>Leaves out half of the steps, then smaller parts, as long as it fails.</summary>
    private static Schedule Shrink(Schedule schedule, Exception failure)
    {
        var tries = 0;
        for (var size = schedule.Steps.Count / 2; size > 0; size /= 2)
        {
            for (var at = 0; at < schedule.Steps.Count && tries < MostTries; tries++)
            {
                var shorter = schedule with { Steps = [.. schedule.Steps.Take(at), .. schedule.Steps.Skip(at + size)] };
                if (Try(shorter).Failure is { } found && IsSame(found, failure))
                    schedule = shorter;
                else
                    at += size;
            }
        }

        return schedule;
    }

    /// <summary>The same kind of failure: its names and numbers may differ.</summary>
    private static bool IsSame(Exception one, Exception other) => one.GetType() == other.GetType() && FirstWords(one) == FirstWords(other);

    private static string FirstWords(Exception failure) => string.Join(' ', failure.Message.Split(' ').Where(word => !word.Any(char.IsUpper) && !word.Any(char.IsDigit)).Take(4));
}
