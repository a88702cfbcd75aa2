using System.Text;
using System.Threading.Channels;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;
using Channels = System.Threading.Channels.Channel;

namespace Sotto.Direct.Tests.Paper;

public sealed class PaperSenderTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private readonly RecordingStream _stream = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly PaperSender _sender;

    public PaperSenderTests() =>
        _sender = new PaperSender(_stream, new PaperKey(TestCrypto.Provider, _key, _time), _stop.Token);

    public void Dispose()
    {
        _stop.Dispose();
        _stream.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Each_line_is_one_write_and_the_next_one_waits_for_the_pause()
    {
        foreach (var line in (string[])["one", "two", "three"])
            await QueueAsync(line);

        Assert.Equal("one", await NextWriteAsync());
        foreach (var line in (string[])["two", "three"])
        {
            Assert.Equal(PaperLimits.Pause, await _time.NextTimerAsync());
            _time.Advance(PaperLimits.Pause - TimeSpan.FromMilliseconds(1));
            Assert.False(_stream.Writes.TryPeek(out _));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(line, await NextWriteAsync());
        }

        _sender.Complete();
        Assert.True(await _sender.Sending);
    }

    [Fact]
    public async Task A_line_after_a_long_time_waits_for_nothing()
    {
        await QueueAsync("one");
        Assert.Equal("one", await NextWriteAsync());
        _time.Advance(TimeSpan.FromMinutes(1));
        await QueueAsync("two");
        Assert.Equal("two", await NextWriteAsync());
    }

    [Fact]
    public async Task A_token_has_the_time_of_its_sending_not_of_its_queueing()
    {
        await QueueAsync("one");
        await QueueAsync("two");
        await NextWriteAsync();
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(90));
        var (_, madeAt) = Open(await _stream.Writes.ReadAsync());
        Assert.Equal(_time.Seconds, madeAt);
    }

    [Fact]
    public async Task A_line_of_2900_bytes_fits_what_Python_reads_at_once_and_one_more_byte_is_refused_before_it_is_queued()
    {
        await _sender.QueueAsync(new byte[PaperLimits.LongestLine], default);
        Assert.InRange((await _stream.Writes.ReadAsync()).Length, 1, 4096);

        var refusal = await Assert.ThrowsAsync<PaperException>(async () => await _sender.QueueAsync(new byte[PaperLimits.LongestLine + 1], default));
        Assert.Equal(PaperFailure.LineTooLong, refusal.Failure);
        Assert.Contains("2901", refusal.Message, StringComparison.Ordinal);
        _sender.Complete();
        Assert.True(await _sender.Sending);
        Assert.False(_stream.Writes.TryPeek(out _));
    }

    [Fact]
    public async Task An_empty_line_is_a_token_of_no_text()
    {
        await QueueAsync("");
        Assert.Equal("", await NextWriteAsync());
    }

    [Fact]
    public async Task What_the_caller_does_with_its_buffer_afterwards_changes_nothing()
    {
        var buffer = "second"u8.ToArray();
        await QueueAsync("first");
        await _sender.QueueAsync(buffer, default);
        Array.Clear(buffer);
        await NextWriteAsync();
        await _time.NextTimerAsync();
        _time.Advance(PaperLimits.Pause);
        Assert.Equal("second", await NextWriteAsync());
    }

    [Fact]
    public async Task After_completion_no_line_is_taken()
    {
        _sender.Complete();
        Assert.True(await _sender.Sending);
        var refusal = await Assert.ThrowsAsync<PaperException>(() => QueueAsync("late"));
        Assert.Equal(PaperFailure.Ended, refusal.Failure);
    }

    [Fact]
    public async Task A_broken_connection_ends_the_sending_and_is_said_to_the_next_caller()
    {
        _stream.Break();
        await QueueAsync("lost");
        Assert.False(await _sender.Sending);
        var refusal = await Assert.ThrowsAsync<PaperException>(() => QueueAsync("next"));
        Assert.Equal(PaperFailure.Ended, refusal.Failure);
    }

    [Fact]
    public async Task A_full_queue_makes_the_caller_wait_and_a_stop_ends_the_waiting()
    {
        await QueueAsync("sent at once");
        await QueueAsync("held back by the pause");
        await _time.NextTimerAsync();
        for (var n = 0; n < PaperLimits.QueuedLines; n++)
            await QueueAsync("waiting");
        var next = _sender.QueueAsync("one too many"u8.ToArray(), default).AsTask();
        Assert.False(next.IsCompleted);

        await _stop.CancelAsync();
        Assert.False(await _sender.Sending);
        Assert.Equal(PaperFailure.Ended, (await Assert.ThrowsAsync<PaperException>(() => next)).Failure);
    }

    private Task QueueAsync(string line) => _sender.QueueAsync(Encoding.UTF8.GetBytes(line), default).AsTask();

    private async Task<string> NextWriteAsync() => Open(await _stream.Writes.ReadAsync(TestContext.Current.CancellationToken)).Line;

    private (string Line, long MadeAt) Open(byte[] token)
    {
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        Assert.True(FernetToken.TryDecrypt(TestCrypto.Provider, _key.Bytes, token, plaintext, out var written, out var madeAt));
        return (Encoding.UTF8.GetString(plaintext, 0, written), madeAt);
    }

    /// <summary>Keeps each write apart.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        private readonly Channel<byte[]> _writes = Channels.CreateUnbounded<byte[]>();
        private bool _broken;

        public ChannelReader<byte[]> Writes => _writes.Reader;

        public void Break() => _broken = true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_broken)
                throw new IOException("The connection is gone.");
            await _writes.Writer.WriteAsync(buffer.ToArray(), cancellationToken);
        }
    }
}
