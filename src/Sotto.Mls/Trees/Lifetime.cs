namespace Sotto.Mls.Trees;

/// <summary>When a leaf that came from a KeyPackage is valid (RFC 9420 §7.2), in seconds since 1970, both ends included.</summary>
/// <param name="NotBefore">The first valid second.</param>
/// <param name="NotAfter">The last valid second.</param>
public readonly record struct Lifetime(ulong NotBefore, ulong NotAfter)
{
    /// <summary>From an hour before now, for clocks that differ, until a time after now.</summary>
    public static Lifetime From(DateTimeOffset now, TimeSpan length) => new(
        (ulong)now.AddHours(-1).ToUnixTimeSeconds(), (ulong)now.Add(length).ToUnixTimeSeconds());

    /// <summary>Whether it is valid at a moment.</summary>
    public bool Contains(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return seconds >= 0 && (ulong)seconds >= NotBefore && (ulong)seconds <= NotAfter;
    }

    internal bool IsAtMost(TimeSpan length) =>
        length == TimeSpan.MaxValue || (NotAfter >= NotBefore && NotAfter - NotBefore <= (ulong)length.TotalSeconds);
}
