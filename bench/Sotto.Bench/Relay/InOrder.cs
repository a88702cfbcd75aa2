using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>Holds one reader's entries against their sequences, so that only what came once and in its place counts as delivered.</summary>
internal sealed class InOrder
{
    private ulong? _last;

    /// <summary>How many entries a push brought.</summary>
    /// <exception cref="IOException">One is missing, or came twice.</exception>
    public int Count(Push push)
    {
        foreach (var entry in push.Entries)
        {
            if (_last is { } last && entry.Sequence != last + 1)
                throw new IOException($"After {last} came {entry.Sequence}.");
            _last = entry.Sequence;
        }

        return push.Entries.Count;
    }
}
