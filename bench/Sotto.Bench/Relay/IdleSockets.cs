using System.Diagnostics;

namespace Sotto.Bench.Relay;

/// <summary>Clients that have a mailbox open and hear nothing.</summary>
internal static class IdleSockets
{
    private const int MailboxesEach = 1000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    /// <summary>Connects so many to a process that has just started; gives its resident memory before and after, and the seconds it took.</summary>
    public static async Task<(long Before, long After, double Seconds)> MeasureAsync(RelayUnderLoad relay, int count)
    {
        var channels = await MakeChannelsAsync(relay, count).ConfigureAwait(false);
        await relay.RestartAsync().ConfigureAwait(false);
        // The first one makes the relay load and compile what it needs for a connection.
        var streams = new List<LoadStream> { await OpenAsync(relay, channels, 0).ConfigureAwait(false) };
        await Task.Delay(Settling).ConfigureAwait(false);
        var before = ProcessUse.Resident(relay.ProcessId);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 1; i <= count; i++)
            streams.Add(await OpenAsync(relay, channels, i).ConfigureAwait(false));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await Task.Delay(Settling).ConfigureAwait(false);
        var after = ProcessUse.Resident(relay.ProcessId);
        foreach (var stream in streams)
            await stream.DisposeAsync().ConfigureAwait(false);
        return (before, after, seconds);
    }

    private static async Task<List<LoadChannel>> MakeChannelsAsync(RelayUnderLoad relay, int count)
    {
        await using var maker = await LoadStream.ConnectAsync(relay.Address).ConfigureAwait(false);
        var channels = new List<LoadChannel>();
        var vouchers = await new Vouchers(relay.Address).MakeAsync(count / MailboxesEach + 1).ConfigureAwait(false);
        for (var made = 0; made <= count; made += MailboxesEach)
            channels.Add(await LoadChannel.CreateAsync(maker, vouchers.Dequeue(), MailboxesEach).ConfigureAwait(false));
        return channels;
    }

    private static async Task<LoadStream> OpenAsync(RelayUnderLoad relay, List<LoadChannel> channels, int member)
    {
        var stream = await LoadStream.ConnectAsync(relay.Address).ConfigureAwait(false);
        await channels[member / MailboxesEach].SubscribeAsync(stream, member % MailboxesEach).ConfigureAwait(false);
        return stream;
    }
}
