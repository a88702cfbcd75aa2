using System.Diagnostics;

namespace Sotto.Bench;

/// <summary>How long things take. The machine is noisy, so every figure is a median over rounds that take turns.</summary>
internal static class Timing
{
    public static double Median(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Runs in growing batches until the limit is used up; the clock is read once a batch.</summary>
    public static double SecondsEach(Action work, double limit)
    {
        long done = 0;
        long batch = 1;
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            for (var i = 0L; i < batch; i++)
                work();
            done += batch;
            var used = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (used >= limit)
                return used / done;
            batch = Math.Max(1, Math.Min(batch * 2, (long)((limit - used) * done / used / 2)));
        }
    }

    /// <summary>Lets the runtime compile the code for good before it counts.</summary>
    public static void Warm(Action work, double seconds)
    {
        SecondsEach(work, seconds / 2);
        Thread.Sleep(120);
        SecondsEach(work, seconds / 2);
    }

    /// <summary>Takes turns: each of the measurements once a round, in a rotating order; gives the median of each.</summary>
    public static double[] Interleave(int rounds, params Func<double>[] measurements)
    {
        var samples = measurements.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < measurements.Length; i++)
            {
                var turn = (i + round) % measurements.Length;
                samples[turn].Add(measurements[turn]());
            }
        }

        return [.. samples.Select(Median)];
    }
}
