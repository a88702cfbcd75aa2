using System.Diagnostics;
using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>One who writes and one who reads, each on a connection of its own, and a channel between them.</summary>
internal sealed class LoadPair : IAsyncDisposable
{
    private readonly LoadStream _writer;
    private readonly LoadStream _reader;
    private readonly LoadChannel _channel;
    private readonly List<long> _latencies = [];
    private readonly InOrder _order = new();
    private long _delivered;
    private long _posted;
    private volatile bool _recording;
    private volatile bool _refilling;

    private LoadPair(LoadStream writer, LoadStream reader, LoadChannel channel)
    {
        (_writer, _reader, _channel) = (writer, reader, channel);
        _reader.Told = TakeAsync;
    }

    public long Delivered => Volatile.Read(ref _delivered);

    public long Posted => Volatile.Read(ref _posted);

    public IEnumerable<LoadStream> Streams => [_writer, _reader];

    public static async Task<LoadPair> ConnectAsync(Uri relay, byte[] voucher)
    {
        var writer = await LoadStream.ConnectAsync(relay).ConfigureAwait(false);
        var reader = await LoadStream.ConnectAsync(relay).ConfigureAwait(false);
        var channel = await LoadChannel.CreateAsync(writer, voucher).ConfigureAwait(false);
        var pair = new LoadPair(writer, reader, channel);
        await channel.SubscribeAsync(reader).ConfigureAwait(false);
        return pair;
    }

    /// <summary>Keeps a number of messages in flight until <see cref="StopRefilling"/>: each that arrives lets another go.</summary>
    public Task KeepInFlightAsync(int window)
    {
        _refilling = true;
        return PostAsync(window, Stopwatch.GetTimestamp());
    }

    public void StopRefilling() => _refilling = false;

    public void Record() => (_, _recording) = (ClearLatencies(), true);

    /// <summary>Latencies since <see cref="Record"/>, in ticks of the stopwatch. Only when nothing is in flight.</summary>
    public IReadOnlyList<long> StopRecording()
    {
        _recording = false;
        return _latencies;
    }

    /// <summary>Posts messages that carry a time: when they were meant to go.</summary>
    public Task PostAsync(int count, long time)
    {
        var batch = new Batch();
        for (var i = 0; i < count; i++)
            batch.Frames.Add(_channel.Post(time));
        Interlocked.Add(ref _posted, count);
        return _writer.SendAsync(batch);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
    }

    private bool ClearLatencies()
    {
        lock (_latencies)
            _latencies.Clear();
        return true;
    }

    private async ValueTask TakeAsync(Frame frame)
    {
        if (frame.BodyCase != Frame.BodyOneofCase.Push)
            return;
        var now = Stopwatch.GetTimestamp();
        if (_recording)
        {
            lock (_latencies)
                _latencies.AddRange(frame.Push.Entries.Select(entry => now - LoadChannel.TimeOf(entry)));
        }

        Interlocked.Add(ref _delivered, _order.Count(frame.Push));
        if (_refilling)
            await PostAsync(frame.Push.Entries.Count, now).ConfigureAwait(false);
        await _reader.SendAsync(LoadChannel.Acknowledge(frame.Push)).ConfigureAwait(false);
    }
}
