using System.Globalization;
using Sotto.Mls.Suites;

namespace Sotto.Bench.Mls;

/// <summary>The rows of MLS: ours at each size, the peers' beside them, and the goals of the design.</summary>
internal sealed class MlsRows(Plan plan)
{
    private static readonly CipherSuite XWing = CipherSuite.XWingAes256Sha384Ed25519;
    private static readonly CipherSuite Classical = CipherSuite.X25519Aes128Sha256Ed25519;

    private readonly MlsPeers _peers = new(plan);
    private readonly SortedSet<string> _versions = [];

    /// <summary>The peers that ran, with versions.</summary>
    public string Peers => _versions.Count == 0 ? "none (Node or its packages are missing)" : string.Join("; ", _versions);

    private int[] PeerSizes => plan.Quick ? [2, 10, 100] : [2, 10, 100, 1_000];

    private int[] OwnSizes => plan.Quick ? [2, 10, 100, 1_000] : [2, 10, 100, 1_000, 10_000];

    private int[] WarmSizes => plan.Quick ? [2, 10] : [2, 10, 100];

    public IEnumerable<(string Heading, IEnumerable<Row> Rows)> Sections()
    {
        var primitives = PrimitiveRows.Measure(plan).ToList();
        yield return ("What the primitives cost, one thread", primitives);

        var own = Measure(XWing, OwnSizes);
        var tsMls = Peer("tsmls.mjs", "0x53");
        yield return ($"{XWing.Name} (0xF002); the peer has X-Wing as 0x0053", own.Select(figure => RowOf(figure, XWing, tsMls)));
        yield return ("From 1 000 to 10 000 members, X-Wing", Scaling(own));

        var classical = Measure(Classical, plan.Quick ? [2, 10, 100, 1_000] : [2, 10, 100, 1_000]);
        List<PeerFigure> peers = [.. Peer("tsmls.mjs", "1"), .. Peer("coreCrypto.mjs", "1")];
        yield return ($"{Classical.Name} (suite 1)", classical.Select(figure => RowOf(figure, Classical, peers)));

        var signal = _peers.Run("signal.mjs");
        Note(signal);
        yield return ("Messages of 1 KiB beside libsignal's", signal.Select(figure => SignalRow(figure, own)));
    }

    private static List<MlsFigure> Measure(CipherSuite suite, int[] sizes, bool quick)
    {
        using var measurement = new MlsMeasurement(suite, quick);
        List<MlsFigure> figures = [.. measurement.Small()];
        foreach (var size in sizes)
            figures.AddRange(measurement.Cold(size));
        return figures;
    }

    private List<MlsFigure> Measure(CipherSuite suite, int[] sizes)
    {
        var figures = Measure(suite, sizes, plan.Quick);
        using var warm = new MlsMeasurement(suite, plan.Quick);
        foreach (var size in plan.Quick ? WarmSizes : [.. WarmSizes, 1_000])
            figures.AddRange(warm.Warm(size));
        if (suite == XWing)
            figures.Add(new CertifiedJoin(suite, plan.Quick).Measure(1_000));
        return figures;
    }

    private IReadOnlyList<PeerFigure> Peer(string script, string suite)
    {
        var figures = _peers.Run(script, "--suite", suite, "--sizes", string.Join(',', PeerSizes), "--warm", string.Join(',', WarmSizes));
        Note(figures);
        return figures;
    }

    private void Note(IEnumerable<PeerFigure> figures) => _versions.UnionWith(figures.Select(figure => $"{figure.Peer} {figure.Version} ({figure.Runtime})"));

    private static Row RowOf(MlsFigure figure, CipherSuite suite, IReadOnlyList<PeerFigure> peers)
    {
        var same = peers.Where(peer => peer.Operation == figure.Operation && peer.Members == figure.Members).ToList();
        var (goal, met) = MlsGoals.Of(suite, figure);
        var best = same.Count == 0 ? 0 : same.Min(peer => peer.Median);
        return new Row(
            $"{Words(figure.Operation)}, {figure.Members:#,0} members".Replace(", 1 members", "", StringComparison.Ordinal),
            Text(figure),
            string.Join("; ", same.Select(peer => $"{peer.Peer} {Time(peer.Median)}")),
            best == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{best / figure.Median:0.0} ×"),
            goal, met);
    }

    private static Row SignalRow(PeerFigure peer, List<MlsFigure> own)
    {
        var ours = peer.Operation is "protect_1k" or "unprotect_1k" ? own.Find(figure => figure.Operation == peer.Operation && figure.Members == 2) : null;
        return new Row(
            $"{Words(peer.Operation)}, {peer.Suite}", ours is null ? "" : Rate(ours.Median), $"libsignal {Rate(peer.Median)}",
            ours is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{peer.Median / ours.Median:0.0} ×"));
    }

    private static IEnumerable<Row> Scaling(List<MlsFigure> own)
    {
        foreach (var operation in new[] { "add_all", "join", "create_update_cold", "process_update_cold", "process_remove", "add_one" })
        {
            var curve = own.Where(figure => figure.Operation == operation && figure.Members >= 100).OrderBy(figure => figure.Members).ToList();
            var text = string.Join(", ", curve.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Members:#,0}: {figure.Median * 1e3 / figure.Members:0.0} µs")));
            var growth = curve.Count > 2 ? curve[^1].Median / curve[^2].Median : 0;
            yield return growth == 0
                ? Row.Missing($"{Words(operation)}, time for each member", "", "only with 10 000 members")
                : new Row(
                    $"{Words(operation)}, time for each member", text, Ratio: string.Create(CultureInfo.InvariantCulture, $"{growth:0.0} × for 10 × the members"),
                    Goal: operation == "join" ? "linear (at most 12 ×)" : "", Met: operation == "join" ? growth <= 12 : null);
        }
    }

    private static string Text(MlsFigure figure)
    {
        var time = figure.Operation.Contains("protect_1k", StringComparison.Ordinal)
            ? $"{Rate(figure.Median)} ({figure.Median * 1e3:0.0} µs, {figure.Low * 1e3:0.0} to {figure.High * 1e3:0.0})"
            : $"{Time(figure.Median)} ({Time(figure.Low)} to {Time(figure.High)})";
        var size = figure.Bytes == 0 ? "" : $", {Sent(figure.Operation)} {Size(figure.Bytes)}";
        var saved = figure.Saved == 0 ? "" : $", saves {Size(figure.Saved)}";
        return FormattableString.Invariant($"{time}{size}, allocates {Size(figure.Allocated)}{saved}");
    }

    private static string Sent(string operation) => operation switch
    {
        "key_package" => "KeyPackage",
        "join" or "join_certified" => "Welcome",
        "protect_1k" or "unprotect_1k" => "message",
        _ => "commit",
    };

    private static string Words(string operation) => operation.Replace('_', ' ').Replace("1k", "1 KiB", StringComparison.Ordinal);

    internal static string Time(double milliseconds) => milliseconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds * 1e3:0} µs")
        : string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms");

    private static string Rate(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{1e3 / milliseconds:#,0}/s");

    private static string Size(long bytes) => bytes < 10_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} B")
        : bytes < 10_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:#,0} kB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:#,0} MB");
}
