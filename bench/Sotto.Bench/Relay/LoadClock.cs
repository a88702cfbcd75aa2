using System.Diagnostics;

namespace Sotto.Bench.Relay;

/// <summary>Measures a span of load: what was done in it and what relay and generator used.</summary>
internal sealed class LoadClock(RelayUnderLoad relay, Func<long> done)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly long _doneBefore = done();
    private readonly ProcessUse _relayBefore = ProcessUse.Of(relay.ProcessId);
    private readonly double _generatorBefore = Environment.CpuUsage.TotalTime.TotalSeconds;

    public LoadFigure Stop(double[]? latencies = null) => new(
        done() - _doneBefore,
        Stopwatch.GetElapsedTime(_begun).TotalSeconds,
        ProcessUse.Of(relay.ProcessId) - _relayBefore,
        Environment.CpuUsage.TotalTime.TotalSeconds - _generatorBefore,
        latencies ?? []);

    /// <summary>Waits until a count is reached.</summary>
    /// <exception cref="IOException">It does not come: something was lost.</exception>
    public static async Task UntilAsync(Func<long> count, long reached, IEnumerable<LoadStream> streams)
    {
        var begun = Stopwatch.GetTimestamp();
        while (count() < reached)
        {
            foreach (var ended in streams.Select(stream => stream.Ended).Where(ended => ended.IsCompleted))
                await ended.ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(3))
                throw new IOException($"Of {reached} only {count()} came.");
            await Task.Delay(1).ConfigureAwait(false);
        }
    }
}
