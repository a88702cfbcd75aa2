using System.Diagnostics;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>Messages to people who are not there: stored first, then read by all who come back at once.</summary>
internal sealed class Backlog(RelayUnderLoad relay, int channels, int writersEach)
{
    private const int InFlight = 128;
    private const int InBatch = 32;
    private readonly List<LoadChannel> _channels = [];
    private readonly List<LoadStream> _streams = [];
    private long _stored;
    private long _read;

    /// <summary>Stores messages in each channel, from several connections each, and waits until all are durable.</summary>
    public async Task<LoadFigure> StoreAsync(int each)
    {
        var vouchers = await new Vouchers(relay.Address).MakeAsync(channels).ConfigureAwait(false);
        var writers = new List<Writer>();
        for (var i = 0; i < channels; i++)
        {
            var first = await ConnectAsync().ConfigureAwait(false);
            var channel = await LoadChannel.CreateAsync(first, vouchers.Dequeue()).ConfigureAwait(false);
            _channels.Add(channel);
            for (var j = 0; j < writersEach; j++)
                writers.Add(new(this, j == 0 ? first : await ConnectAsync().ConfigureAwait(false), channel));
        }

        var clock = new LoadClock(relay, () => Volatile.Read(ref _stored));
        await Task.WhenAll(writers.Select(writer => Task.Run(() => writer.WriteAsync(each / writersEach)))).ConfigureAwait(false);
        await LoadClock.UntilAsync(() => Volatile.Read(ref _stored), (long)channels * (each / writersEach) * writersEach, _streams).ConfigureAwait(false);
        var figure = clock.Stop();
        await EndStreamsAsync().ConfigureAwait(false);
        writers.ForEach(writer => writer.Dispose());
        return figure;
    }

    /// <summary>One reader for each channel connects and takes everything, acknowledging as it comes.</summary>
    public async Task<LoadFigure> DrainAsync(int each)
    {
        var clock = new LoadClock(relay, () => Volatile.Read(ref _read));
        await Task.WhenAll(_channels.Select(channel => Task.Run(() => ReadAsync(channel)))).ConfigureAwait(false);
        await LoadClock.UntilAsync(() => Volatile.Read(ref _read), (long)each * channels, _streams).ConfigureAwait(false);
        var figure = clock.Stop();
        await EndStreamsAsync().ConfigureAwait(false);
        return figure;
    }

    private async Task ReadAsync(LoadChannel channel)
    {
        var reader = await ConnectAsync().ConfigureAwait(false);
        var order = new InOrder();
        reader.Told = async frame =>
        {
            if (frame.BodyCase != Frame.BodyOneofCase.Push)
                return;
            Interlocked.Add(ref _read, order.Count(frame.Push));
            await reader.SendAsync(LoadChannel.Acknowledge(frame.Push)).ConfigureAwait(false);
        };
        await channel.SubscribeAsync(reader).ConfigureAwait(false);
    }

    private async Task<LoadStream> ConnectAsync()
    {
        var stream = await LoadStream.ConnectAsync(relay.Address).ConfigureAwait(false);
        lock (_streams)
            _streams.Add(stream);
        return stream;
    }

    private async Task EndStreamsAsync()
    {
        foreach (var stream in _streams)
            await stream.DisposeAsync().ConfigureAwait(false);
        _streams.Clear();
    }

    /// <summary>Writes with many posts unanswered, as a client does that comes back with a full outbox.</summary>
    private sealed class Writer : IDisposable
    {
        private readonly Backlog _backlog;
        private readonly LoadStream _stream;
        private readonly LoadChannel _channel;
        private readonly SemaphoreSlim _room = new(InFlight);

        public Writer(Backlog backlog, LoadStream stream, LoadChannel channel)
        {
            (_backlog, _stream, _channel) = (backlog, stream, channel);
            stream.Told = Take;
        }

        public async Task WriteAsync(int count)
        {
            for (var posted = 0; posted < count;)
            {
                var batch = new Batch();
                while (batch.Frames.Count < Math.Min(InBatch, Limits.FramesInMessage) && posted < count)
                {
                    await WaitForRoomAsync().ConfigureAwait(false);
                    batch.Frames.Add(_channel.Post(Stopwatch.GetTimestamp()));
                    posted++;
                }

                await _stream.SendAsync(batch).ConfigureAwait(false);
            }
        }

        public void Dispose() => _room.Dispose();

        private async Task WaitForRoomAsync()
        {
            var room = _room.WaitAsync();
            await (await Task.WhenAny(room, _stream.Ended).ConfigureAwait(false)).ConfigureAwait(false);
        }

        private ValueTask Take(Frame frame)
        {
            if (frame.BodyCase == Frame.BodyOneofCase.Posted)
            {
                Interlocked.Increment(ref _backlog._stored);
                _room.Release();
            }

            return ValueTask.CompletedTask;
        }
    }
}
