using Sotto.Client.Content;
using Sotto.Client.Conversations;

namespace Sotto.Client.Sending;

/// <summary>
/// Tells the sender which messages arrived and which were shown, several in one content and a random while later, so that the
/// relay cannot match an answer to a message by its time.
/// </summary>
internal sealed class Reports(ClientState state, Contents contents, TimeSpan longest)
{
    private const int Most = 200;
    private readonly Dictionary<string, DateTimeOffset> _due = [];

    /// <summary>Writes what is due, and says when the next one is. The caller has entered.</summary>
    public async Task<DateTimeOffset?> WriteDueAsync(ConversationState conversation)
    {
        var record = conversation.Record;
        if (record.Unreported.Length == 0 || !conversation.IsReady || !conversation.IsCaughtUp || record.IsBlocked)
            return null;
        var name = Convert.ToHexString(record.Id.ToArray());
        var now = state.Time.GetUtcNow();
        if (!_due.TryGetValue(name, out var due))
            _due[name] = due = now + Jitter();
        if (now < due)
            return due;
        _due.Remove(name);
        var reported = record.Unreported.Take(Most).ToArray();
        var seen = record.PeerCounters.Select(counter => counter.Last).DefaultIfEmpty().Max();
        var report = new StatusReport(seen, [.. reported.Select(report => (new MessageId(report.Message), report.IsRead))]);
        await contents.WriteHiddenAsync(
            conversation, ContentTypes.Status, report.Encode(), before => before with { Unreported = before.Unreported[reported.Length..] }).ConfigureAwait(false);
        return null;
    }

    /// <summary>0.5 s up to the longest delay; none when that is none.</summary>
    private TimeSpan Jitter()
    {
        if (longest <= TimeSpan.Zero)
            return TimeSpan.Zero;
        var least = TimeSpan.FromMilliseconds(Math.Min(500, longest.TotalMilliseconds));
        return least + (longest - least) * Fresh.Fraction(state.Crypto);
    }
}
