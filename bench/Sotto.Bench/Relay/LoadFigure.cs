using System.Globalization;

namespace Sotto.Bench.Relay;

/// <summary>What one round under load gave.</summary>
/// <param name="Done">Messages, or deliveries, in the measured time.</param>
/// <param name="Seconds">How long that was.</param>
/// <param name="Relay">What the relay's process used meanwhile.</param>
/// <param name="Generator">Seconds of processor that the load generator used meanwhile, on the same cores.</param>
/// <param name="Latencies">Milliseconds of each message, in order of size.</param>
internal sealed record LoadFigure(long Done, double Seconds, ProcessUse Relay, double Generator, double[] Latencies)
{
    public double Rate => Done / Seconds;

    /// <summary>What one message costs, in words.</summary>
    public string Costs => string.Create(
        CultureInfo.InvariantCulture,
        $"relay {Relay.Processor / Done * 1e6:0.0} µs of processor ({Relay.System / Done * 1e6:0.0} in the kernel), {(double)Relay.Written / Done:#,0} B written; generator {Generator / Done * 1e6:0.0} µs");

    /// <summary>The latency that a share of the messages stays below, in milliseconds.</summary>
    public double Quantile(double share) => Latencies.Length == 0
        ? throw new InvalidOperationException("No message was measured.")
        : Latencies[Math.Min(Latencies.Length - 1, (int)(Latencies.Length * share))];

    /// <summary>The round in the middle, by a measure.</summary>
    public static LoadFigure Middle(IReadOnlyCollection<LoadFigure> rounds, Func<LoadFigure, double> measure) =>
        rounds.OrderBy(measure).ElementAt(rounds.Count / 2);
}
