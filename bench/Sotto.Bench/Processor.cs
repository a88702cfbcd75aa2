namespace Sotto.Bench;

/// <summary>Processor time of this process, which other programs on the machine disturb less than they do the clock.</summary>
internal static class Processor
{
    /// <summary>Notes the seconds of processor that some work took, on all threads.</summary>
    public static double Spent(List<double> noted, Func<double> work)
    {
        var before = Environment.CpuUsage.TotalTime;
        var result = work();
        noted.Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
        return result;
    }
}
