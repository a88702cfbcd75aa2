namespace Sotto.Direct.Sessions;

/// <summary>A flood of visitors becomes one notice of each kind in five seconds, not a flood of notices.</summary>
internal sealed class NoticeLimit(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<DirectFailure, long> _last = [];

    public bool Allows(DirectFailure kind)
    {
        lock (_gate)
        {
            if (_last.TryGetValue(kind, out var last) && time.GetElapsedTime(last) < Pause)
                return false;
            _last[kind] = time.GetTimestamp();
            return true;
        }
    }
}
