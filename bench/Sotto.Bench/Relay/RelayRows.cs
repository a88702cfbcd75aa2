using System.Globalization;

namespace Sotto.Bench.Relay;

/// <summary>The rows of the relay, section by section.</summary>
internal static class RelayRows
{
    private const int Readers = 1000;
    private const int DeliveriesGoal = 100_000;
    private const double SocketGoal = 24;
    private const int BacklogChannels = 20;

    /// <summary>The sections by the names that <c>bench/run</c> knows them by, each measured when it is asked for.</summary>
    public static IReadOnlyList<(string Name, string Heading, Func<Plan, Task<IReadOnlyList<Row>>> Measure)> Sections { get; } =
    [
        ("floor", "The floor: disk and sockets alone", FloorAsync),
        ("pairs", "100 pairs, durable before acknowledged", PairsAsync),
        ("latency", "Latency", LatencyAsync),
        ("readers", "One channel with 1 000 readers", ReadersAsync),
        ("backlog", "People who are not there", BacklogAsync),
        ("idle", "Idle sockets, each with an open mailbox", IdleAsync),
    ];

    private static async Task<IReadOnlyList<Row>> FloorAsync(Plan plan)
    {
        var folder = Directory.CreateDirectory(Path.Combine(plan.Root, "artifacts", $"bench-floor-{Path.GetRandomFileName()}"));
        var rows = new List<Row>();
        foreach (var pages in new[] { 1, 32 })
        {
            var seconds = plan.Quick ? 1 : 3;
            rows.Add(FlushRow($"write of {pages * 4} KiB and fdatasync, on the relay's disk", Floor.Flushes(folder.FullName, pages, seconds)));
            rows.Add(FlushRow($"append of {pages * 4} KiB and fsync, on the relay's disk", Floor.Appends(folder.FullName, pages, seconds)));
        }

        folder.Delete();
        var echo = await Floor.EchoAsync(100, plan.Quick ? 1 : 3).ConfigureAwait(false);
        rows.Add(new("TCP echo of 640 B, 100 connections, both ends in one process", string.Create(CultureInfo.InvariantCulture, $"{echo:#,0} round trips/s")));
        return rows;
    }

    private static Row FlushRow(string what, double[] times) => new(
        what,
        string.Create(CultureInfo.InvariantCulture, $"{times.Length / times.Sum() * 1e3:#,0}/s, p50 {times[times.Length / 2]:0.00} ms, p99 {times[times.Length * 99 / 100]:0.00} ms, most {times[^1]:0.0} ms"));

    private static async Task<IReadOnlyList<Row>> PairsAsync(Plan plan) =>
    [
        .. await PairRows.SaturationAsync(plan, tls: false).ConfigureAwait(false),
        .. await PairRows.SaturationAsync(plan, tls: true).ConfigureAwait(false),
        Row.Missing("ejabberd 23.01 with PostgreSQL 15", "", "not installed here"),
    ];

    private static async Task<IReadOnlyList<Row>> LatencyAsync(Plan plan) =>
    [
        .. await PairRows.LatencyAsync(plan, tls: false).ConfigureAwait(false),
        .. await PairRows.LatencyAsync(plan, tls: true).ConfigureAwait(false),
    ];

    private static async Task<IReadOnlyList<Row>> ReadersAsync(Plan plan)
    {
        await using var relay = await RelayUnderLoad.StartAsync(plan).ConfigureAwait(false);
        await using var crowd = await Crowd.ConnectAsync(relay, Readers).ConfigureAwait(false);
        var stored = await crowd.CountRowsAsync(100).ConfigureAwait(false);
        var rows = new List<Row>
        {
            new(
                $"rows stored for each message to {Readers} readers", string.Create(CultureInfo.InvariantCulture, $"{stored:0.##}"), Goal: "1", Met: stored == 1),
        };
        foreach (var window in new[] { 1, 16, 64 })
        {
            var rounds = new List<LoadFigure>();
            for (var round = 0; round < 3; round++)
                rounds.Add(await crowd.DeliverAcknowledgedAsync(window, plan.Quick ? 1 : 3).ConfigureAwait(false));
            var figure = LoadFigure.Middle(rounds, round => round.Rate);
            var hasGoal = window == 64;
            rows.Add(new(
                $"{Readers} readers, {window} messages at a time, each read acknowledged",
                string.Create(CultureInfo.InvariantCulture, $"{figure.Rate:#,0} deliveries/s; for each: {figure.Costs}"),
                Goal: hasGoal ? string.Create(CultureInfo.InvariantCulture, $"≥ {DeliveriesGoal:#,0}/s") : "",
                Met: hasGoal ? figure.Rate >= DeliveriesGoal : null));
        }

        return rows;
    }

    private static async Task<IReadOnlyList<Row>> BacklogAsync(Plan plan) =>
    [
        .. await BacklogRowsAsync(plan, channels: 1, writersEach: 20, each: 10_000).ConfigureAwait(false),
        .. await BacklogRowsAsync(plan, BacklogChannels, writersEach: 1, each: plan.Quick ? 5_000 : 50_000).ConfigureAwait(false),
    ];

    private static async Task<IReadOnlyList<Row>> BacklogRowsAsync(Plan plan, int channels, int writersEach, int each)
    {
        await using var relay = await RelayUnderLoad.StartAsync(plan).ConfigureAwait(false);
        // A first one that is not counted lets the runtime compile.
        var warming = new Backlog(relay, channels, writersEach);
        await warming.StoreAsync(each / 5).ConfigureAwait(false);
        await warming.DrainAsync(each / 5).ConfigureAwait(false);

        var backlog = new Backlog(relay, channels, writersEach);
        var stored = await backlog.StoreAsync(each).ConfigureAwait(false);
        var resident = ProcessUse.Resident(relay.ProcessId);
        var drained = await backlog.DrainAsync(each).ConfigureAwait(false);
        var what = string.Create(CultureInfo.InvariantCulture, $"{(long)channels * each:#,0} messages in {channels} channel{(channels == 1 ? "" : "s")}");
        return
        [
            new($"storing {what}, {channels * writersEach} writers", string.Create(CultureInfo.InvariantCulture, $"{stored.Rate:#,0}/s; {stored.Costs}; {resident / 1e6:0} MB resident then")),
            new($"draining {what}, a reader each", string.Create(CultureInfo.InvariantCulture, $"{drained.Rate:#,0}/s; {drained.Costs}")),
        ];
    }

    private static async Task<IReadOnlyList<Row>> IdleAsync(Plan plan) =>
        [await IdleRowAsync(plan, tls: false).ConfigureAwait(false), await IdleRowAsync(plan, tls: true).ConfigureAwait(false)];

    private static async Task<Row> IdleRowAsync(Plan plan, bool tls)
    {
        var count = plan.Quick ? 500 : 5_000;
        await using var relay = await RelayUnderLoad.StartAsync(plan, tls).ConfigureAwait(false);
        var (before, after, seconds) = await IdleSockets.MeasureAsync(relay, count).ConfigureAwait(false);
        var each = (after - before) / 1024.0 / count;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{count:#,0} idle sockets{(tls ? ", TLS" : "")}, on the JIT"),
            string.Create(CultureInfo.InvariantCulture, $"{each:0.0} KiB each, {before / 1e6:0} MB before and {after / 1e6:0} MB after; connected in {seconds:0.0} s"),
            Goal: tls ? "" : $"≤ {SocketGoal} KiB each",
            Met: tls ? null : each <= SocketGoal);
    }
}
