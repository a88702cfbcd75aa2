using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Channels = System.Threading.Channels.Channel;

namespace Sotto.Direct.Tests.Paper;

/// <summary>A fake clock that says when somebody begins to wait for it.</summary>
internal sealed class ManualTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channels.CreateUnbounded<TimeSpan>();

    public ManualTime()
        : base(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000))
    {
    }

    public long Seconds => GetUtcNow().ToUnixTimeSeconds();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
            _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>How long the next one to wait wants to wait.</summary>
    public async Task<TimeSpan> NextTimerAsync() => await _timers.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
