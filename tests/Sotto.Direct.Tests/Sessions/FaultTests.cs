using System.Net;
using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;
using Sotto.Testing;

namespace Sotto.Direct.Tests.Sessions;

/// <summary>A real socket, and a proxy in between that does what networks do.</summary>
public sealed class FaultTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Environment.GetEnvironmentVariable("SOTTO_TIER") is "all" or "soak" ? 40 : 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cuts_at_random_moments_lose_nothing_and_repeat_nothing(int seed)
    {
        const int count = 1500;
        var random = new Random(seed);
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        var cutAfter = Enumerable.Range(0, 4).Select(_ => random.Next(10, 900)).Order().ToList();
        var frames = 0;
        proxy.OnFrame = (_, frame) =>
        {
            frames++;
            if (cutAfter.Count == 0 || frames < cutAfter[0])
                return [frame];
            cutAfter.RemoveAt(0);
            proxy.Cut();
            return [];
        };
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await Task.WhenAll(SendAsync(host), SendAsync(joiner));
        await host.WaitForLinesAsync(count);
        await joiner.WaitForLinesAsync(count);
        joiner.Session.Leave();

        Assert.True((await joiner.WaitForEndAsync()).IsComplete);
        Assert.True((await host.WaitForEndAsync()).IsComplete);
        var expected = Enumerable.Range(0, count).Select(i => $"line {i}").ToList();
        Assert.Equal(expected, host.Lines);
        Assert.Equal(expected, joiner.Lines);
        Assert.Contains(joiner.Happened, happened => happened is PeerReturned);

        static async Task SendAsync(Side side)
        {
            for (var i = 0; i < count; i++)
                await side.SendAsync($"line {i}");
        }
    }

    [Fact]
    public async Task A_silent_connection_is_noticed_within_thirty_seconds_and_said()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var host = Side.Create("Ann", time: time).RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await host.WaitForAsync<PeerJoined>();
        proxy.Stalled = true;
        var silent = TimeSpan.Zero;
        while (!host.Happened.OfType<PeerDropped>().Any() && silent < TimeSpan.FromMinutes(5))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            silent += TimeSpan.FromSeconds(1);
            // The loops need real threads to notice what the clock says.
            for (var i = 0; i < 200 && !host.Happened.OfType<PeerDropped>().Any(); i++)
                await Task.Yield();
        }

        await host.WaitForAsync<PeerDropped>();
        Assert.False(host.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_quiet_conversation_stays_up_because_both_sides_ping()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var host = Side.Create("Ann", time: time).RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob", time: time).RunJoiner(proxy.Port, invite);
        await host.WaitForAsync<PeerJoined>();
        await joiner.WaitForAsync<PeerJoined>();
        var (toHost, toJoiner) = (proxy.Count(Heading.ToHost), proxy.Count(Heading.ToJoiner));
        time.Advance(TimeSpan.FromSeconds(15));
        await proxy.WaitForCountAsync(Heading.ToHost, toHost + 1);
        await proxy.WaitForCountAsync(Heading.ToJoiner, toJoiner + 1);
        await joiner.SendAsync("still there");
        await host.WaitForLinesAsync(1);
        Assert.Empty(host.Happened.OfType<PeerDropped>());
    }

    [Fact]
    public async Task Keys_are_renewed_after_an_hour_however_little_is_said()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var host = Side.Create("Ann", time: time).RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob", time: time).RunJoiner(host.Host.Port, invite);
        await host.WaitForAsync<PeerJoined>();
        await joiner.WaitForAsync<PeerJoined>();
        for (var round = 1; round * 23 < 3630; round++)
        {
            Assert.True(round * 23 > 3590 || !host.Happened.OfType<KeysRenewed>().Any(), "not before the hour is over");
            await host.SendAsync("tick");
            await joiner.WaitForLinesAsync(round);
            await joiner.SendAsync("tock");
            await host.WaitForLinesAsync(round);
            time.Advance(TimeSpan.FromSeconds(23));
        }

        await host.WaitForAsync<KeysRenewed>();
        await joiner.WaitForAsync<KeysRenewed>();
    }

    [Fact]
    public async Task A_tampered_token_ends_the_connection_with_the_one_text_and_the_conversation_goes_on()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        await host.WaitForAsync<PeerJoined>();
        var tampered = false;
        proxy.OnFrame = (heading, frame) =>
        {
            if (heading == Heading.ToHost && !tampered)
            {
                tampered = true;
                frame[^40] ^= 1;
            }

            return [frame];
        };
        await joiner.SendAsync("one");
        await joiner.SendAsync("two");
        await host.WaitForLinesAsync(2);
        Assert.Equal(["one", "two"], host.Lines);
        Assert.Equal(DirectException.Token().Message, (await host.WaitForAsync<PeerDropped>()).Reason);
    }

    [Fact]
    public async Task A_host_that_starts_anew_gets_the_unconfirmed_lines_again_and_both_are_told()
    {
        var ann = Side.Create("Ann");
        var bob = Side.Create("Bob");
        await using (bob)
        {
            int port;
            await using (ann)
            {
                ann.RunHost();
                port = ann.Host.Port;
                using var invite = await ann.InviteAsync();
                bob.RunJoiner(port, invite);
                await bob.WaitForAsync<PeerJoined>();
                await ann.WaitForAsync<PeerJoined>();
                ann.Acknowledges = false;
                await bob.SendAsync("never confirmed");
                await ann.WaitForLinesAsync(1);
            }

            await using var annAgain = Side.Create("Ann", ann.Folder).RunHost(new HostSettings { Address = IPAddress.Loopback, Port = port });
            Assert.Equal(1, (await bob.WaitForAsync<PeerStartedAnew>()).SentAgain);
            await annAgain.WaitForLinesAsync(1);
            Assert.Equal(["never confirmed"], annAgain.Lines);
        }
    }

    [Fact]
    public async Task A_joiner_whose_host_is_gone_gives_up_with_its_lines_counted()
    {
        var bob = Side.Create("Bob");
        await using (bob)
        {
            await using (var ann = Side.Create("Ann").RunHost())
            {
                using var invite = await ann.InviteAsync();
                bob.RunJoiner(ann.Host.Port, invite, giveUpAfter: TimeSpan.FromSeconds(1));
                await bob.WaitForAsync<PeerJoined>();
            }

            await bob.SendAsync("to nobody");
            var end = await bob.WaitForEndAsync();
            Assert.Equal(1, end.Undelivered);
            Assert.Equal(DirectFailure.ConnectionLost, end.Failure?.Failure);
        }
    }

    [Fact]
    public async Task A_file_is_taken_only_when_accepted_and_goes_on_after_a_cut()
    {
        var content = new byte[9_000_000];
        new Random(7).NextBytes(content);
        var source = Path.Combine(Directory.CreateTempSubdirectory("sotto-test-").FullName, "Urlaub ñ.bin");
        await File.WriteAllBytesAsync(source, content);
        var target = Directory.CreateTempSubdirectory("sotto-test-").FullName;

        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        await host.WaitForAsync<PeerJoined>();
        joiner.Session.OfferFile(source);
        var offer = await host.WaitForAsync<FileOffered>();
        Assert.Empty(Directory.GetFileSystemEntries(target));
        var carried = 0;
        proxy.OnFrame = (_, frame) =>
        {
            carried += frame.Length;
            if (carried > 5_000_000)
            {
                carried = int.MinValue;
                proxy.Cut();
                return [];
            }

            return [frame];
        };
        Assert.True(host.Session.AcceptFile(offer.File, target));
        await joiner.SendAsync("a line meanwhile");
        var received = await host.WaitForAsync<FileFinished>();
        await joiner.WaitForAsync<FileFinished>();
        await host.WaitForLinesAsync(1);

        Assert.Equal(content, await File.ReadAllBytesAsync(received.Path!));
        Assert.Equal([received.Path!], Directory.GetFileSystemEntries(target));
        Assert.Contains(host.Happened, happened => happened is PeerReturned);
    }

    [Fact]
    public async Task Folders_and_files_without_a_length_are_not_offered()
    {
        await using var side = Side.Create("Ann").RunHost();
        Assert.Throws<IOException>(() => side.Session.OfferFile(Path.GetTempPath()));
        Assert.Throws<IOException>(() => side.Session.OfferFile("/dev/zero"));
        Assert.ThrowsAny<IOException>(() => side.Session.OfferFile("/nowhere/at/all"));
    }

    [Fact]
    public async Task A_declined_file_is_said_and_leaves_nothing_behind()
    {
        var source = Path.Combine(Directory.CreateTempSubdirectory("sotto-test-").FullName, "a.txt");
        await File.WriteAllTextAsync(source, "text");
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        joiner.Session.OfferFile(source);
        Assert.True(host.Session.DeclineFile((await host.WaitForAsync<FileOffered>()).File));
        await joiner.WaitForAsync<FileStopped>();
        joiner.Session.Leave();
        Assert.True((await joiner.WaitForEndAsync()).IsComplete);
    }
}
