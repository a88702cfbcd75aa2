using System.Diagnostics.Metrics;
using Sotto.Relay.Storage;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Metering;

/// <summary>
/// What a relay counts: sums over everybody, with tags from short fixed lists. Nothing names an account, a channel, an address or
/// a token, or has the size of one message (docs/threat-model.md).
/// </summary>
internal sealed class RelayMetrics : IAccountEvents, IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "sotto";

    /// <summary>Upper bounds of the histogram, in seconds.</summary>
    public static double[] Buckets { get; } = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _posts;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _pushed;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _drained;
    private readonly Histogram<double> _stored;

    public RelayMetrics()
    {
        _posts = _meter.CreateCounter<long>("relay.posts", description: "Posts that were taken, by kind.");
        _refusals = _meter.CreateCounter<long>("relay.refusals", description: "Requests that were refused, by problem.");
        _pushed = _meter.CreateCounter<long>("relay.entries_pushed", description: "Entries sent to readers.");
        _requests = _meter.CreateCounter<long>("relay.http_requests", description: "HTTP requests, by route and status.");
        _drained = _meter.CreateCounter<long>("relay.key_packages_low", description: "Times that a device's key packages ran low.");
        _stored = _meter.CreateHistogram(
            "relay.post_seconds", "s", "From a post's arrival until it was durable.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
    }

    /// <summary>The meter, for exporters of this relay alone.</summary>
    public Meter Meter => _meter;

    /// <summary>What is looked at when somebody asks.</summary>
    public void Observe(Func<int> streams, RoomWatch room, StorageHealth accounts, StorageHealth mailboxes)
    {
        _meter.CreateObservableGauge("relay.streams", streams, description: "Open streams.");
        _meter.CreateObservableGauge("relay.disk_tight", () => room.IsTight ? 1 : 0, description: "1 while too little of the disk is free.");
        _meter.CreateObservableGauge(
            "relay.storage_trouble",
            () => new Measurement<int>[] { new(Bit(accounts), new KeyValuePair<string, object?>("plane", "account")), new(Bit(mailboxes), new KeyValuePair<string, object?>("plane", "mailbox")) },
            description: "1 while a plane's database cannot store.");
    }

    public void Posted(EntryKind kind, double seconds)
    {
        _posts.Add(1, new KeyValuePair<string, object?>("kind", NameOf(kind)));
        _stored.Record(seconds);
    }

    public void Passed() => _posts.Add(1, new KeyValuePair<string, object?>("kind", "ephemeral"));

    public void Refused(RelayProblem problem) => _refusals.Add(1, new KeyValuePair<string, object?>("problem", NameOf(problem)));

    public void Pushed(int entries) => _pushed.Add(entries);

    /// <summary>A request's route is its pattern, never its path.</summary>
    public void Answered(string? route, int status) => _requests.Add(
        1, new KeyValuePair<string, object?>("route", route ?? "none"), new KeyValuePair<string, object?>("status", status));

    public void KeyPackagesRanLow() => _drained.Add(1);

    public void Dispose() => _meter.Dispose();

    private static int Bit(StorageHealth health) => health.Trouble is null ? 0 : 1;

    private static string NameOf(RelayProblem problem)
    {
        var type = ProblemTypes.Of(problem).Type;
        return type[(type.LastIndexOf(':') + 1)..];
    }

    private static string NameOf(EntryKind kind) => kind switch
    {
        EntryKind.Commit => "commit",
        EntryKind.Proposal => "proposal",
        EntryKind.Application => "application",
        _ => "intro",
    };
}
