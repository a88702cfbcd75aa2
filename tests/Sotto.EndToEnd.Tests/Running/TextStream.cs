using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>Everything that a process writes to one of its streams, kept whole, with waiting for a pattern.</summary>
internal sealed class TextStream
{
    private readonly ArrayBufferWriter<byte> _all = new();
    private readonly Lock _gate = new();
    private readonly string _name;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TextStream(string name, Stream stream)
    {
        _name = name;
        Ended = Task.Run(() => ReadAsync(stream));
    }

    /// <summary>Completes at the end of the stream.</summary>
    public Task Ended { get; }

    public byte[] Bytes
    {
        get
        {
            lock (_gate)
                return _all.WrittenSpan.ToArray();
        }
    }

    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Waits until the text so far has a match.</summary>
    /// <exception cref="TimeoutException">It did not come, or the stream ended without it.</exception>
    public async Task<Match> WaitForAsync(string pattern)
    {
        using var limit = new CancellationTokenSource(Limits.Patience);
        while (true)
        {
            Task more;
            lock (_gate)
                more = _more.Task;
            var ended = Ended.IsCompleted;
            if (Regex.Match(Text, pattern) is { Success: true } match)
                return match;
            if (ended)
                throw new TimeoutException($"{_name} ended without “{pattern}”:\n{Text}");
            try
            {
                await Task.WhenAny(more, Ended).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{_name} did not say “{pattern}”:\n{Text}");
            }
        }
    }

    private async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var count)
                Add(buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone.
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        TaskCompletionSource woken;
        lock (_gate)
        {
            _all.Write(bytes);
            (woken, _more) = (_more, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        woken.SetResult();
    }
}
