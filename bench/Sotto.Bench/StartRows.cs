using System.Globalization;

namespace Sotto.Bench;

/// <summary>How long <c>sotto --version</c> takes from start to exit, turn by turn, and how large NativeAOT is.</summary>
internal static class StartRows
{
    private const double JitGoal = 0.150;
    private const double AotGoal = 0.030;
    private const double LauncherGoal = 0.050;
    private const long SizeGoal = 15_000_000;

    public static IEnumerable<Row> Measure(Plan plan)
    {
        var jit = Path.Combine(plan.Root, "artifacts", "bin", "Sotto.Terminal", "release", "sotto");
        var launcher = Path.Combine(plan.Root, "sotto");
        var aot = plan.Aot is null ? null : Path.Combine(plan.Aot, "sotto");
        Func<double>[] starts = [() => Command.Seconds(jit, "--version"), () => Command.Seconds(launcher, "--version"), .. Aot(aot)];
        var medians = Timing.Interleave(plan.Quick ? 7 : 21, starts);

        yield return Start("`sotto --version`, JIT", medians[0], JitGoal);
        yield return aot is null ? Row.Missing("`sotto --version`, NativeAOT", "≤ 30 ms", "no NativeAOT build") : Start("`sotto --version`, NativeAOT", medians[2], AotGoal);
        yield return aot is null ? Row.Missing("NativeAOT binary with its libraries", "≤ 15 MB", "no NativeAOT build") : Size(plan.Aot!);
        var overhead = medians[1] - medians[0];
        yield return new(
            "`./sotto --version`, warm, more than the program itself", Milliseconds(overhead),
            $"the program: {Milliseconds(medians[0])}", Goal: $"≤ {Milliseconds(LauncherGoal)}", Met: overhead <= LauncherGoal);
    }

    private static IEnumerable<Func<double>> Aot(string? program)
    {
        if (program is not null)
            yield return () => Command.Seconds(program, "--version");
    }

    private static Row Start(string what, double seconds, double goal) =>
        new(what, Milliseconds(seconds), Goal: $"≤ {Milliseconds(goal)}", Met: seconds <= goal);

    private static Row Size(string folder)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles().Where(file => file.Extension is not (".dbg" or ".pdb" or ".xml")).ToList();
        var bytes = files.Sum(file => file.Length);
        return new(
            $"NativeAOT binary with its libraries ({string.Join(", ", files.Select(file => file.Name).Order(StringComparer.Ordinal))})",
            string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.00} MB"), Goal: "≤ 15 MB", Met: bytes <= SizeGoal);
    }

    private static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0} ms");
}
