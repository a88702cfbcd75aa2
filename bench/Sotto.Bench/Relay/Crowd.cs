using System.Diagnostics;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>One channel with many readers, each on a connection of its own, and one who writes.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly RelayUnderLoad _relay;
    private readonly LoadStream _writer;
    private readonly LoadChannel _channel;
    private readonly LoadStream[] _readers;
    private long _deliveries;
    private volatile bool _acknowledging;

    private Crowd(RelayUnderLoad relay, LoadStream writer, LoadChannel channel, LoadStream[] readers)
    {
        (_relay, _writer, _channel, _readers) = (relay, writer, channel, readers);
        foreach (var reader in readers)
        {
            var order = new InOrder();
            reader.Told = frame => TakeAsync(reader, order, frame);
        }
    }

    private long Deliveries => Volatile.Read(ref _deliveries);

    public static async Task<Crowd> ConnectAsync(RelayUnderLoad relay, int readers)
    {
        var vouchers = await new Vouchers(relay.Address).MakeAsync(1).ConfigureAwait(false);
        var writer = await LoadStream.ConnectAsync(relay.Address).ConfigureAwait(false);
        var channel = await LoadChannel.CreateAsync(writer, vouchers.Dequeue(), readers).ConfigureAwait(false);
        var crowd = new Crowd(relay, writer, channel, await LoadStream.ConnectAsync(relay.Address, readers).ConfigureAwait(false));
        await crowd.SubscribeAsync().ConfigureAwait(false);
        return crowd;
    }

    /// <summary>The rows that messages leave in the relay's file when nobody has acknowledged them, for each message.</summary>
    public async Task<double> CountRowsAsync(int messages)
    {
        var before = _relay.CountEntries();
        await DeliverAsync(messages, Limits.FramesInMessage).ConfigureAwait(false);
        return (double)(_relay.CountEntries() - before) / messages;
    }

    /// <summary>For so long delivers messages to all readers, some at a time; readers acknowledge what they got.</summary>
    public async Task<LoadFigure> DeliverAcknowledgedAsync(int window, double seconds)
    {
        _acknowledging = true;
        var clock = new LoadClock(_relay, () => Deliveries);
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds)
            await DeliverAsync(window, window).ConfigureAwait(false);
        return clock.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _readers.Append(_writer))
            await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SubscribeAsync()
    {
        // The commit that made the mailboxes is the first thing that some of them get.
        var waiting = 0L;
        for (var i = 0; i < _readers.Length; i++)
        {
            var opened = (await _channel.SubscribeAsync(_readers[i], i).ConfigureAwait(false)).Subscribed;
            waiting += (long)(opened.Head - opened.Acknowledged);
        }

        await LoadClock.UntilAsync(() => Deliveries, waiting, _readers).ConfigureAwait(false);
    }

    private async Task DeliverAsync(int messages, int window)
    {
        var reached = Deliveries + (long)messages * _readers.Length;
        for (var posted = 0; posted < messages;)
        {
            var count = Math.Min(window, messages - posted);
            var batch = new Batch();
            batch.Frames.AddRange(Enumerable.Range(0, count).Select(_ => _channel.Post(Stopwatch.GetTimestamp())));
            await _writer.SendAsync(batch).ConfigureAwait(false);
            posted += count;
            await LoadClock.UntilAsync(() => Deliveries, reached - (long)(messages - posted) * _readers.Length, _readers).ConfigureAwait(false);
        }
    }

    private async ValueTask TakeAsync(LoadStream reader, InOrder order, Frame frame)
    {
        if (frame.BodyCase != Frame.BodyOneofCase.Push)
            return;
        Interlocked.Add(ref _deliveries, order.Count(frame.Push));
        if (_acknowledging)
            await reader.SendAsync(LoadChannel.Acknowledge(frame.Push)).ConfigureAwait(false);
    }
}
