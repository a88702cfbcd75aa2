namespace Sotto.Simulation.Tests.Running;

/// <summary>Time that passes when the simulation says so. Timers fire one by one, on the worker.</summary>
internal sealed class SimulatedClock : TimeProvider
{
    private readonly SortedSet<Timer> _timers = new(Comparer<Timer>.Create((one, other) => (one.Due, one.Number).CompareTo((other.Due, other.Number))));
    private readonly Lock _gate = new();
    private long _ticks = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).UtcTicks;
    private long _lastTimer;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long Ticks => Volatile.Read(ref _ticks);

    /// <summary>When the next timer is due; null when none runs.</summary>
    public long? NextDue
    {
        get
        {
            lock (_gate)
                return _timers.Min?.Due;
        }
    }

    public override DateTimeOffset GetUtcNow() => new(Ticks, TimeSpan.Zero);

    public override long GetTimestamp() => Ticks;

    /// <summary>The same time with another wall clock, as one person's machine has it.</summary>
    public PersonClock NewPersonClock() => new(this);

    /// <summary>Lets time pass up to a point; every timer that is due by then fires, each when the one before has done its work.</summary>
    public void PassTo(long ticks)
    {
        Worker.AwaitIdle();
        while (TakeDue(ticks) is { } timer)
        {
            timer.Fire();
            Worker.AwaitIdle();
        }

        Volatile.Write(ref _ticks, Math.Max(Ticks, ticks));
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state, Interlocked.Increment(ref _lastTimer));
        timer.Change(dueTime, period);
        return timer;
    }

    private Timer? TakeDue(long ticks)
    {
        lock (_gate)
        {
            if (_timers.Min is not { } next || next.Due > ticks)
                return null;
            _timers.Remove(next);
            Volatile.Write(ref _ticks, Math.Max(Ticks, next.Due));
            return next;
        }
    }

    /// <summary>A machine's clock: the simulation's time, moved.</summary>
    internal sealed class PersonClock(SimulatedClock clock) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Offset;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class Timer(SimulatedClock clock, TimerCallback callback, object? state, long number) : ITimer
    {
        public long Number => number;

        public long Due { get; private set; }

        /// <summary>Periodic timers do not occur in the client.</summary>
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.Ticks + dueTime.Ticks;
                clock._timers.Add(this);
                return true;
            }
        }

        public void Fire() => ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
