using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Accounts;

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
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now - _begun >= window || _counts.Count >= MostKeys)
            {
                _counts.Clear();
                _begun = now;
            }

            var count = _counts.GetValueOrDefault(key);
            if (count >= most)
                throw new RelayException(RelayProblem.RateLimited) { RetryAfterSeconds = (int)Math.Ceiling((_begun + window - now).TotalSeconds) };
            _counts[key] = count + 1;
        }
    }
}
