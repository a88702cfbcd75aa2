namespace Sotto.Bench.Relay;

/// <summary>The rows of the relay, section by section.</summary>
internal static class RelayRows
{
    public static async IAsyncEnumerable<(string Heading, IReadOnlyList<Row> Rows)> SectionsAsync(Plan plan)
    {
        yield return ("100 pairs, durable before acknowledged", await PairsAsync(plan).ConfigureAwait(false));
        yield return ("Latency", await LatencyAsync(plan).ConfigureAwait(false));
    }

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
}
