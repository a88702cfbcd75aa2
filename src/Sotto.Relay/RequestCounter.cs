using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay;

/// <summary>
/// Counts requests of one kind in windows of a fixed length, for each key apart. In memory and bounded: when more keys are
/// counted than fit, the window begins anew, so it fails open under a flood of keys.
/// </summary>
public sealed class RequestCounter(int most, TimeSpan window, TimeProvider time)
{
    private const int MostKeys = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Bytes32, int> _counts = [];
    private DateTimeOffset _begun = time.GetUtcNow();

    /// <summary>Counts a request.</summary>
    /// <exception cref="RelayException">There were too many in this window.</exception>
    public void Count(Bytes32 key)
    {
        if (!TryCount(key))
            throw TooMany();
    }

    /// <summary>Counts a request if there were not too many in this window.</summary>
    public bool TryCount(Bytes32 key)
    {
        lock (_gate)
        {
            Turn();
            var count = _counts.GetValueOrDefault(key);
            if (count >= most)
                return false;
            _counts[key] = count + 1;
            return true;
        }
    }

    /// <summary>Refuses without counting.</summary>
    /// <exception cref="RelayException">There were too many in this window.</exception>
    public void Require(Bytes32 key)
    {
        lock (_gate)
        {
            Turn();
            if (_counts.GetValueOrDefault(key) >= most)
                throw TooMany();
        }
    }

    private void Turn()
    {
        var now = time.GetUtcNow();
        if (now - _begun < window && now >= _begun && _counts.Count < MostKeys)
            return;
        _counts.Clear();
        _begun = now;
    }

    private RelayException TooMany() =>
        new(RelayProblem.RateLimited) { RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((_begun + window - time.GetUtcNow()).TotalSeconds)) };
}
