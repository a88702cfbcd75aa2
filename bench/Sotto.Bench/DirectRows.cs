using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;

namespace Sotto.Bench;

/// <summary>Lines and files through the whole default mode: sessions, acknowledgements, exchanges, loopback TCP.</summary>
internal static class DirectRows
{
    private const int LinesGoal = 20_000;
    private const double FileGoal = 300e6;
    private const double ShareOfFernet = 0.8;
    private static readonly ReadOnlyMemory<byte> OneLine = Encoding.UTF8.GetBytes("See you at the harbour at half past six, bring the map.");

    public static async Task<Row> LinesAsync(Plan plan)
    {
        var count = plan.Quick ? 20_000 : 60_000;
        await using var pair = await DirectPair.ConnectAsync().ConfigureAwait(false);
        using var work = new ChannelWork(bodyLength: 9 + OneLine.Length);
        await SendLinesAsync(pair, count).ConfigureAwait(false);
        Timing.Warm(work.SealAndOpen, 0.4);

        var spent = new List<double>();
        var medians = Timing.Interleave(
            plan.Rounds,
            () => Processor.Spent(spent, () => SendLinesAsync(pair, count).GetAwaiter().GetResult()),
            () => Timing.SecondsEach(work.SealAndOpen, plan.Sample));
        var (ours, alone) = (1 / medians[0], 1 / medians[1]);
        return new(
            "direct mode, one-line messages one way, both sides in one process",
            string.Create(CultureInfo.InvariantCulture, $"{ours:#,0} lines/s, {Timing.Median(spent) / count * 1e6:0.0} µs of processor each"),
            string.Create(CultureInfo.InvariantCulture, $"sealing and opening alone, one thread: {alone:#,0}/s"),
            string.Create(CultureInfo.InvariantCulture, $"{ours / alone:0.00} ×"),
            string.Create(CultureInfo.InvariantCulture, $"≥ {LinesGoal:#,0} lines/s"),
            ours >= LinesGoal);
    }

    public static async Task<IEnumerable<Row>> FileAsync(Plan plan)
    {
        using var folder = new ScratchFolder();
        var source = folder.Fill("source", plan.Quick ? 64L << 20 : 192L << 20);
        var size = new FileInfo(source).Length;
        await using var pair = await DirectPair.ConnectAsync().ConfigureAwait(false);
        var token = new TokenWork(Sotto.Direct.Links.Message.MaxPlaintext);
        Timing.Warm(token.Encrypt, plan.Sample);
        Timing.Warm(token.Decrypt, plan.Sample);
        await SendFileAsync(pair, source, folder).ConfigureAwait(false);

        var spent = new List<double>();
        var medians = Timing.Interleave(
            plan.Rounds,
            () => Processor.Spent(spent, () => SendFileAsync(pair, source, folder).GetAwaiter().GetResult()),
            () => Timing.SecondsEach(token.Encrypt, plan.Sample),
            () => Timing.SecondsEach(token.Decrypt, plan.Sample));
        var limit = Sotto.Direct.Links.Message.MaxPlaintext / Math.Max(medians[1], medians[2]);
        var ours = size / medians[0];
        return
        [
            new(
                $"direct mode, a file of {size >> 20} MiB, in memory on both ends ({folder.Kind})",
                string.Create(CultureInfo.InvariantCulture, $"{ours / 1e6:#,0} MB/s, {Timing.Median(spent) / size * 1e9:0.00} ms of processor per MB"),
                string.Create(CultureInfo.InvariantCulture, $"Fernet's own limit at 64 KiB, one thread: {limit / 1e6:#,0} MB/s"),
                string.Create(CultureInfo.InvariantCulture, $"{ours / limit:0.00} ×"),
                "≥ 300 MB/s, or ≥ 80 % of Fernet's limit if that is lower",
                ours >= Math.Min(FileGoal, limit < FileGoal ? ShareOfFernet * limit : FileGoal)),
        ];
    }

    /// <summary>Seconds for one line, from the first on its way until the other side has shown the last.</summary>
    private static async Task<double> SendLinesAsync(DirectPair pair, int count)
    {
        var begun = Stopwatch.GetTimestamp();
        var showing = ShowAsync(pair.Host, count);
        for (var i = 0; i < count; i++)
            await pair.Joiner.SendAsync(OneLine, LineShape.Line, CancellationToken.None).ConfigureAwait(false);
        await showing.ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(begun).TotalSeconds / count;
    }

    private static async Task ShowAsync(DirectSession session, int count)
    {
        for (var shown = 0; shown < count; shown++)
            session.Acknowledge(await DirectPair.NextAsync<LineReceived>(session).ConfigureAwait(false));
    }

    /// <summary>Seconds from the receiver's yes until it has said that everything is on disk.</summary>
    private static async Task<double> SendFileAsync(DirectPair pair, string source, ScratchFolder folder)
    {
        pair.Host.OfferFile(source);
        var offer = await DirectPair.NextAsync<FileOffered>(pair.Joiner).ConfigureAwait(false);
        var begun = Stopwatch.GetTimestamp();
        pair.Joiner.AcceptFile(offer.File, folder.Received);
        await DirectPair.NextAsync<FileFinished>(pair.Host).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var finished = await DirectPair.NextAsync<FileFinished>(pair.Joiner).ConfigureAwait(false);
        File.Delete(finished.Path!);
        return seconds;
    }
}
