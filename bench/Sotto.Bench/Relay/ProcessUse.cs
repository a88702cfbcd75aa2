using System.Globalization;

namespace Sotto.Bench.Relay;

/// <summary>What a process has used so far, as Linux counts it.</summary>
/// <param name="User">Seconds of processor in its own code.</param>
/// <param name="System">Seconds of processor in the kernel.</param>
/// <param name="Written">Bytes that it made the kernel write to storage.</param>
internal readonly record struct ProcessUse(double User, double System, long Written)
{
    private const double TicksPerSecond = 100;

    public double Processor => User + System;

    public static ProcessUse Of(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new(Ticks(fields[11]), Ticks(fields[12]), Number($"/proc/{process}/io", "write_bytes:"));
    }

    /// <summary>Resident memory, in bytes.</summary>
    public static long Resident(int process) => 1024 * Number($"/proc/{process}/status", "VmRSS:");

    public static ProcessUse operator -(ProcessUse after, ProcessUse before) =>
        new(after.User - before.User, after.System - before.System, after.Written - before.Written);

    private static double Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture) / TicksPerSecond;

    private static long Number(string file, string name)
    {
        var line = File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
