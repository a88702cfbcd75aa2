using Sotto.Direct.Tokens;

namespace Sotto.Direct.Paper;

/// <summary>
/// The marks of tokens that could still be sent again: each is remembered until its age refuses it, and as long again as
/// clocks may differ, so that a clock that is set back a little reopens nothing. Not for several threads at once.
/// </summary>
internal sealed class SeenTokens(TokenAge age, int capacity)
{
    private readonly Dictionary<UInt128, long> _forgetAfter = [];
    private readonly long _keptFor = (long)(age.TimeToLive + age.ClockSkew).TotalSeconds;
    private long _prunedAt;

    /// <summary>Tokens remembered now.</summary>
    public int Count => _forgetAfter.Count;

    /// <summary>Remembers a token that was received.</summary>
    /// <returns>Null when it is new, otherwise why it is refused.</returns>
    public PaperRefusal? Receive(UInt128 mark, long madeAt, long now)
    {
        Prune(now);
        if (_forgetAfter.ContainsKey(mark))
            return PaperRefusal.SeenBefore;
        if (_forgetAfter.Count >= capacity)
            return PaperRefusal.TooMany;
        _forgetAfter.Add(mark, madeAt + _keptFor);
        return null;
    }

    /// <summary>Remembers a token that was made here, so that it is refused when it comes back. Never refused for room.</summary>
    public void Send(UInt128 mark, long madeAt)
    {
        Prune(madeAt);
        _forgetAfter[mark] = madeAt + _keptFor;
    }

    /// <summary>At most once a second, because it looks at all of them.</summary>
    private void Prune(long now)
    {
        if (now == _prunedAt)
            return;
        _prunedAt = now;
        foreach (var (mark, forgetAfter) in _forgetAfter)
        {
            if (forgetAfter < now)
                _forgetAfter.Remove(mark);
        }
    }
}
