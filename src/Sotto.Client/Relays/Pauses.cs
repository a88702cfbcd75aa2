using System.Collections.Concurrent;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>
/// What the relay refuses for one conversation although it may come right, like a lane that its owner has not opened again yet, is
/// tried again later and later, while everything else goes on.
/// </summary>
internal sealed class Pauses(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<Bytes32, Pause> _pauses = [];

    /// <summary>When it may be tried; null for now.</summary>
    public DateTimeOffset? Until(Bytes32 what) => _pauses.TryGetValue(what, out var pause) && pause.End > time.GetUtcNow() ? pause.End : null;

    /// <summary>It was refused again.</summary>
    /// <returns>When to try again.</returns>
    public DateTimeOffset Begin(Bytes32 what)
    {
        var length = _pauses.TryGetValue(what, out var before) ? TimeSpan.FromTicks(Math.Min(Longest.Ticks, before.Length.Ticks * 2)) : First;
        var pause = _pauses[what] = new(length, time.GetUtcNow() + length);
        return pause.End;
    }

    /// <summary>It went well.</summary>
    public void End(Bytes32 what) => _pauses.TryRemove(what, out _);

    private sealed record Pause(TimeSpan Length, DateTimeOffset End);
}
