using System.Diagnostics;

namespace Sotto.Bench.Relay;

/// <summary>Many pairs at one relay, as fast as they go (closed loop) or at a given rate (open loop).</summary>
internal sealed class PairLoad : IAsyncDisposable
{
    private const double MillisecondsPerSecond = 1e3;
    private static readonly TimeSpan RunningUp = TimeSpan.FromSeconds(0.5);
    private readonly RelayUnderLoad _relay;
    private readonly List<LoadPair> _pairs = [];

    private PairLoad(RelayUnderLoad relay) => _relay = relay;

    private long Delivered => _pairs.Sum(pair => pair.Delivered);

    public static async Task<PairLoad> ConnectAsync(RelayUnderLoad relay, int pairs)
    {
        var load = new PairLoad(relay);
        var vouchers = await new Vouchers(relay.Address).MakeAsync(pairs).ConfigureAwait(false);
        for (var i = 0; i < pairs; i++)
            load._pairs.Add(await LoadPair.ConnectAsync(relay.Address, vouchers.Dequeue()).ConfigureAwait(false));
        return load;
    }

    /// <summary>Each pair keeps a number of messages in flight. A message counts when its reader has it, which is after it was durable.</summary>
    public async Task<LoadFigure> SaturateAsync(int window, double seconds)
    {
        foreach (var pair in _pairs)
            await pair.KeepInFlightAsync(window).ConfigureAwait(false);
        await Task.Delay(RunningUp).ConfigureAwait(false);
        _pairs.ForEach(pair => pair.Record());
        var clock = new LoadClock(_relay, () => Delivered);
        await Task.Delay(TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
        var figure = clock.Stop();
        _pairs.ForEach(pair => pair.StopRefilling());
        return figure with { Latencies = await FinishAsync().ConfigureAwait(false) };
    }

    /// <summary>
    /// Messages go at even moments, whatever became of those before; latency counts from the moment a message was meant to go
    /// until its reader has it, so a relay that falls behind does not slow down what measures it.
    /// </summary>
    public async Task<LoadFigure> PaceAsync(int rate, double seconds)
    {
        _pairs.ForEach(pair => pair.Record());
        var clock = new LoadClock(_relay, () => Delivered);
        await Task.Factory.StartNew(() => Pace(rate, (long)(rate * seconds)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        var figure = clock.Stop();
        return figure with { Latencies = await FinishAsync().ConfigureAwait(false) };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pair in _pairs)
            await pair.DisposeAsync().ConfigureAwait(false);
    }

    private void Pace(int rate, long count)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0L; i < count; i++)
        {
            var due = begun + i * Stopwatch.Frequency / rate;
            WaitFor(due);
            _pairs[(int)(i % _pairs.Count)].PostAsync(1, due).GetAwaiter().GetResult();
        }
    }

    /// <summary>Sleeps while there is time for it: sleep is exact to about a millisecond, so the rest is spent yielding.</summary>
    private static void WaitFor(long due)
    {
        while (Stopwatch.GetTimestamp() is var now && now < due)
        {
            var left = (due - now) * MillisecondsPerSecond / Stopwatch.Frequency;
            if (left > 1.2)
                Thread.Sleep((int)(left - 0.2));
            else
                Thread.Yield();
        }
    }

    /// <summary>Waits until everything that was posted has been delivered, and gives the latencies.</summary>
    private async Task<double[]> FinishAsync()
    {
        await LoadClock.UntilAsync(() => Delivered, _pairs.Sum(pair => pair.Posted), _pairs.SelectMany(pair => pair.Streams)).ConfigureAwait(false);
        return [.. _pairs.SelectMany(pair => pair.StopRecording()).Select(ticks => ticks * MillisecondsPerSecond / Stopwatch.Frequency).Order()];
    }
}
