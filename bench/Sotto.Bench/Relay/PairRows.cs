using System.Globalization;

namespace Sotto.Bench.Relay;

/// <summary>100 pairs: how many messages a relay delivers, and how long one takes.</summary>
internal static class PairRows
{
    private const int Pairs = 100;
    private const int RateGoal = 25_000;
    private const double LatencyGoal = 3;
    private static readonly int[] Windows = [1, 4, 16];
    private static readonly int[] Rates = [500, 5_000];

    public static async Task<IReadOnlyList<Row>> SaturationAsync(Plan plan, bool tls)
    {
        await using var relay = await RelayUnderLoad.StartAsync(plan, tls).ConfigureAwait(false);
        await using var load = await PairLoad.ConnectAsync(relay, Pairs).ConfigureAwait(false);
        await load.SaturateAsync(1, plan.Quick ? 3 : 6).ConfigureAwait(false);
        var rounds = await RoundsAsync(plan.Quick ? 3 : 5, Windows, window => load.SaturateAsync(window, plan.Quick ? 1.5 : 4)).ConfigureAwait(false);
        return [.. Windows.Select(window => SaturationRow(window, LoadFigure.Middle(rounds[window], figure => figure.Rate), tls))];
    }

    public static async Task<IReadOnlyList<Row>> LatencyAsync(Plan plan, bool tls)
    {
        await using var relay = await RelayUnderLoad.StartAsync(plan, tls).ConfigureAwait(false);
        await using var load = await PairLoad.ConnectAsync(relay, Pairs).ConfigureAwait(false);
        await load.SaturateAsync(1, plan.Quick ? 3 : 6).ConfigureAwait(false);
        var rounds = await RoundsAsync(3, Rates, rate => load.PaceAsync(rate, plan.Quick ? 3 : 8)).ConfigureAwait(false);
        return [.. Rates.Select(rate => LatencyRow(rate, LoadFigure.Middle(rounds[rate], figure => figure.Quantile(0.99)), tls))];
    }

    private static async Task<Dictionary<int, List<LoadFigure>>> RoundsAsync(int rounds, int[] settings, Func<int, Task<LoadFigure>> measure)
    {
        var figures = settings.ToDictionary(setting => setting, _ => new List<LoadFigure>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var setting in settings)
                figures[setting].Add(await measure(setting).ConfigureAwait(false));
        }

        return figures;
    }

    private static Row SaturationRow(int window, LoadFigure figure, bool tls)
    {
        var hasGoal = window == 1 && !tls;
        return new(
            $"{Pairs} pairs, {window} in flight each, 512 B{(tls ? ", TLS" : "")}",
            string.Create(CultureInfo.InvariantCulture, $"{figure.Rate:#,0} delivered/s, p50 {figure.Quantile(0.5):0.0} ms; {figure.Costs}"),
            Goal: hasGoal ? string.Create(CultureInfo.InvariantCulture, $"≥ {RateGoal:#,0}/s") : "",
            Met: hasGoal ? figure.Rate >= RateGoal : null);
    }

    private static Row LatencyRow(int rate, LoadFigure figure, bool tls)
    {
        var hasGoal = rate == 500 && !tls;
        var p99 = figure.Quantile(0.99);
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{rate:#,0} messages/s, open loop{(tls ? ", TLS" : "")}"),
            string.Create(CultureInfo.InvariantCulture, $"p50 {figure.Quantile(0.5):0.00} ms, p99 {p99:0.00} ms, most {figure.Latencies[^1]:0.0} ms; {figure.Costs}"),
            Goal: hasGoal ? $"p99 ≤ {LatencyGoal} ms" : "",
            Met: hasGoal ? p99 <= LatencyGoal : null);
    }
}
