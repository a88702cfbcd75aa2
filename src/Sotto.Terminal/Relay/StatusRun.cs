using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sotto.Crypto.Native;
using Sotto.Relay.Operating;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Relay;

/// <summary>Saying how a relay is, and pruning it.</summary>
internal static class StatusRun
{
    public static async Task<int> StatusAsync(string folder, bool json, CancellationToken cancellation)
    {
        var status = await RelayStatus.ReadAsync(folder, new NativeCryptoProvider(), cancellation).ConfigureAwait(false);
        if (json)
            Write(status, OperatorJson.Default.RelayStatus);
        else
            Show(status);
        return status.Now is null or { Health: "ready" } ? ExitCode.Done : ExitCode.Network;
    }

    public static async Task<int> PruneAsync(string folder, bool json, CancellationToken cancellation)
    {
        var report = await OperatorClient.PruneAsync(folder, new NativeCryptoProvider(), TimeProvider.System, cancellation).ConfigureAwait(false);
        if (json)
        {
            Write(report, OperatorJson.Default.PruneReport);
            return ExitCode.Done;
        }

        Change("accounts", report.Before.Accounts, report.After.Accounts);
        Change("channels", report.Before.Channels, report.After.Channels);
        Change("entries", report.Before.Entries, report.After.Entries);
        Change("blobs", report.Before.Blobs, report.After.Blobs);
        Line("files", $"{report.Files} of blobs deleted");
        Line("reusable", Size(report.After.Reusable) + " inside the databases");
        return ExitCode.Done;
    }

    private static void Show(RelayStatus status)
    {
        Line("relay", $"{status.Folder}, fingerprint {status.Fingerprint}");
        Line("state", status switch
        {
            { Now: { } now } => $"runs for {TimeSpan.FromSeconds(now.UptimeSeconds)}, {now.Streams} streams, {now.Health}",
            { Running: true } => "runs, and cannot be asked how it is",
            _ => "does not run",
        });
        Line("address", status.Address ?? "it never started");
        if (DateTimeOffset.FromUnixTimeSeconds(status.Counts.RestoredUntil) is var until && until > TimeProvider.System.GetUtcNow())
            Line("restored", $"channels of before ask for receipts until {until:u}");
        Line("accounts", $"{status.Counts.Accounts}, with {status.Counts.Devices} devices and {status.Counts.KeyPackages} key packages");
        Line("channels", $"{status.Counts.Channels}, with {status.Counts.Mailboxes} mailboxes and {status.Counts.Entries} entries");
        Line("blobs", $"{status.Counts.Blobs}, {Size(status.BlobBytes)}");
        Line("databases", $"{Size(status.DatabaseBytes)}, of which {Size(status.Counts.Reusable)} can be written again");
        Line("disk", status.FreeBytes is { } free ? Size(free) + " free" : "free space unknown");
    }

    private static void Change(string name, long before, long after) => Line(name, before == after ? $"{after}" : $"{before} → {after}");

    private static void Line(string name, string text) => Console.Out.WriteLine($"{name,-10} {text}");

    private static void Write<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));

    private static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KiB"),
    };
}
