namespace Sotto.Direct.Conversations;

/// <summary>
/// The lines on their way out. Each has a number and stays here until the peer says that it has shown it; on a new
/// connection those that it has not are sent again. Thread-safe.
/// </summary>
internal sealed class LineOutbox : IDisposable
{
    /// <summary>How many lines may wait for their confirmation before the sender has to.</summary>
    public const int MaxLines = 8192;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _room = new(MaxLines);
    private readonly Queue<OutgoingLine> _sent = new();
    private Queue<OutgoingLine> _unsent = new();
    private long _lastNumber;
    private long _confirmed;

    /// <summary>Lines that the peer has not confirmed.</summary>
    public int Unconfirmed
    {
        get
        {
            lock (_gate)
                return _sent.Count + _unsent.Count;
        }
    }

    /// <summary>The number of the last line added.</summary>
    public long LastNumber
    {
        get
        {
            lock (_gate)
                return _lastNumber;
        }
    }

    /// <summary>Adds a line, when there is room.</summary>
    public async ValueTask<long> AddAsync(ReadOnlyMemory<byte> text, LineShape shape, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _unsent.Enqueue(new(++_lastNumber, text, shape));
            return _lastNumber;
        }
    }

    /// <summary>The next line that this connection has not sent.</summary>
    public bool TryNext(out OutgoingLine line)
    {
        lock (_gate)
        {
            if (!_unsent.TryDequeue(out line))
                return false;
            _sent.Enqueue(line);
            return true;
        }
    }

    /// <summary>The peer has shown all lines up to a number.</summary>
    /// <returns>False when it claims a line that was never sent, or takes an older word back.</returns>
    public bool TryConfirm(long number)
    {
        lock (_gate)
        {
            if (number < _confirmed || number > _confirmed + _sent.Count)
                return false;
            for (; _confirmed < number; _confirmed++)
            {
                _sent.Dequeue();
                _room.Release();
            }

            return true;
        }
    }

    /// <summary>On a new connection: what was sent and not confirmed is to be sent again.</summary>
    /// <returns>How many lines that is.</returns>
    public int Rewind()
    {
        lock (_gate)
        {
            var again = _sent.Count;
            _unsent = new([.. _sent, .. _unsent]);
            _sent.Clear();
            return again;
        }
    }

    /// <summary>In a new conversation: <see cref="Rewind"/>, and the lines get new numbers from 1.</summary>
    public int Renumber()
    {
        lock (_gate)
        {
            var again = Rewind();
            (_lastNumber, _confirmed) = (0, 0);
            _unsent = new(_unsent.Select(line => line with { Number = ++_lastNumber }));
            return again;
        }
    }

    public void Dispose() => _room.Dispose();
}

/// <summary>A line on its way out.</summary>
internal readonly record struct OutgoingLine(long Number, ReadOnlyMemory<byte> Text, LineShape Shape);
