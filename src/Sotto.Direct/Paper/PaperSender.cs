using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Channels = System.Threading.Channels.Channel;

namespace Sotto.Direct.Paper;

/// <summary>
/// Sends queued lines: one token per write, never two within <see cref="PaperLimits.Pause"/>, each made when its turn
/// comes, so that waiting does not age it.
/// </summary>
internal sealed class PaperSender
{
    private readonly Stream _stream;
    private readonly PaperKey _key;
    private long? _lastSent;
    private readonly Channel<byte[]> _queue = Channels.CreateBounded<byte[]>(
        new BoundedChannelOptions(PaperLimits.QueuedLines) { SingleReader = true });

    public PaperSender(Stream stream, PaperKey key, CancellationToken stop)
    {
        _stream = stream;
        _key = key;
        Sending = SendAllAsync(stop);
    }

    /// <summary>Ends after the last line was written: true, or false when some could not be. Never fails.</summary>
    public Task<bool> Sending { get; }

    /// <summary>Queues a line; waits while the queue is full.</summary>
    /// <exception cref="PaperException">The line is too long, or nothing is sent any more.</exception>
    public async ValueTask QueueAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        if (line.Length > PaperLimits.LongestLine)
            throw new PaperException(PaperFailure.LineTooLong, $"The line has {line.Length} bytes; paper mode takes at most {PaperLimits.LongestLine}, because the program in the paper reads 4096 at a time. It was not sent.");
        try
        {
            await _queue.Writer.WriteAsync(line.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new PaperException(PaperFailure.Ended, "The conversation has ended; the line was not sent.");
        }
    }

    /// <summary>Takes no more lines.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    private async Task<bool> SendAllAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var line in _queue.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                await PauseAsync(stop).ConfigureAwait(false);
                await SendAsync(line, stop).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Complete();
            while (_queue.Reader.TryRead(out var line))
                CryptographicOperations.ZeroMemory(line);
            return false;
        }
    }

    private async Task SendAsync(byte[] line, CancellationToken stop)
    {
        var token = _key.Seal(line);
        CryptographicOperations.ZeroMemory(line);
        await _stream.WriteAsync(token, stop).ConfigureAwait(false);
        _lastSent = _key.Time.GetTimestamp();
    }

    /// <summary>Timers count whole milliseconds and may end a little early, so the clock is asked again.</summary>
    private async Task PauseAsync(CancellationToken stop)
    {
        while (_lastSent is { } sent && PaperLimits.Pause - _key.Time.GetElapsedTime(sent) is var left && left > TimeSpan.Zero)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), _key.Time, stop).ConfigureAwait(false);
    }
}
