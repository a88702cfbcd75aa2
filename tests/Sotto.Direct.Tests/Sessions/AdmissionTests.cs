using System.Net;
using System.Net.Sockets;
using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;
using Sotto.Testing;

namespace Sotto.Direct.Tests.Sessions;

public sealed class AdmissionTests
{
    [Fact]
    public async Task A_second_peer_is_told_that_the_host_is_busy_and_the_first_goes_on()
    {
        await using var host = Side.Create("Ann").RunHost();
        await using var first = Side.Create("Bob").RunJoiner(host.Host.Port);
        await first.WaitForAsync<PeerJoined>();
        await using var second = Side.Create("Charlie").RunJoiner(host.Host.Port);

        Assert.Equal(DirectFailure.Busy, (await second.WaitForEndAsync()).Failure?.Failure);
        Assert.Equal(DirectFailure.Busy, (await host.WaitForAsync<VisitorRefused>()).Failure);
        await first.SendAsync("still here");
        await host.WaitForLinesAsync(1);
    }

    [Fact]
    public async Task An_invite_lets_its_user_in_again_and_nobody_else()
    {
        await using var host = Side.Create("Ann").RunHost(new HostSettings { Address = IPAddress.Loopback, Port = 0, Keep = true });
        using var invite = await host.InviteAsync();
        var bob = Side.Create("Bob");
        await using (bob)
        {
            bob.RunJoiner(host.Host.Port, invite);
            await bob.WaitForAsync<PeerJoined>();
            bob.Session.Leave();
            await bob.WaitForEndAsync();
        }

        await using var charlie = Side.Create("Charlie").RunJoiner(host.Host.Port, invite);
        Assert.Equal(DirectFailure.InviteUsed, (await charlie.WaitForEndAsync()).Failure?.Failure);
        await using var bobAgain = Side.Create("Bob", bob.Folder).RunJoiner(host.Host.Port, invite);
        Assert.Equal(Verification.Invite, (await bobAgain.WaitForAsync<PeerJoined>()).Peer.Verification);
    }

    [Fact]
    public async Task A_host_that_stays_hands_out_a_new_invite_for_the_next_person()
    {
        await using var host = Side.Create("Ann").RunHost(new HostSettings { Address = IPAddress.Loopback, Port = 0, Keep = true });
        using var invite = await host.InviteAsync();
        await using var bob = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        await bob.WaitForAsync<PeerJoined>();
        bob.Session.Leave();
        await bob.WaitForEndAsync();
        var next = await host.WaitForAsync<WaitingForPeer>(waiting => waiting.InviteLink != invite.ToLink());
        using var second = Sotto.Direct.Invites.DirectInvite.Parse(next.InviteLink);
        await using var charlie = Side.Create("Charlie").RunJoiner(host.Host.Port, second);
        await charlie.WaitForAsync<PeerJoined>();
        await charlie.SendAsync("hello");
        await host.WaitForLinesAsync(1);
    }

    [Fact]
    public async Task An_invite_of_another_host_is_unknown()
    {
        await using var other = Side.Create("Eve").RunHost();
        using var invite = await other.InviteAsync();
        await using var host = Side.Create("Ann").RunHost();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        Assert.Equal(DirectFailure.InviteUnknown, (await joiner.WaitForEndAsync()).Failure?.Failure);
    }

    [Fact]
    public async Task A_changed_key_under_a_remembered_name_is_refused_by_both_sides()
    {
        var ann = Side.Create("Ann");
        await using (ann)
        {
            ann.RunHost();
            using var invite = await ann.InviteAsync();
            await using var bob = Side.Create("Bob").RunJoiner(ann.Host.Port, invite);
            await ann.WaitForAsync<PeerJoined>();
        }

        await using var annAgain = Side.Create("Ann", ann.Folder).RunHost();
        await using var another = Side.Create("Bob").RunJoiner(annAgain.Host.Port);
        Assert.Equal(DirectFailure.KeyChanged, (await another.WaitForEndAsync()).Failure?.Failure);
        Assert.Equal(DirectFailure.KeyChanged, (await annAgain.WaitForAsync<VisitorRefused>()).Failure);
        Assert.False(annAgain.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_joiner_refuses_another_key_at_a_remembered_address()
    {
        var bob = Side.Create("Bob");
        int port;
        await using (bob)
        {
            await using var ann = Side.Create("Ann").RunHost();
            port = ann.Host.Port;
            using var invite = await ann.InviteAsync();
            bob.RunJoiner(port, invite);
            await bob.WaitForAsync<PeerJoined>();
        }

        await using var eve = Side.Create("Eve").RunHost(new HostSettings { Address = IPAddress.Loopback, Port = port });
        await using var bobAgain = Side.Create("Bob", bob.Folder).RunJoiner(port);
        var end = await bobAgain.WaitForEndAsync();
        Assert.Equal(DirectFailure.KeyChanged, end.Failure?.Failure);
        Assert.Contains("peers forget Ann", end.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(eve.Happened.OfType<PeerJoined>());
    }

    [Fact]
    public async Task Half_open_and_silent_visitors_keep_nobody_out()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var visitor = new TcpClient();
                await visitor.ConnectAsync(IPAddress.Loopback, host.Host.Port);
                await visitor.GetStream().WriteAsync(new byte[] { 0, 0 });
                silent.Add(visitor);
            }

            await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
            await joiner.WaitForAsync<PeerJoined>();
        }
        finally
        {
            silent.ForEach(visitor => visitor.Dispose());
        }
    }

    [Fact]
    public async Task A_handshake_that_stalls_is_dropped_after_ten_seconds()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var host = Side.Create("Ann", time: time).RunHost();
        using var visitor = new TcpClient();
        await visitor.ConnectAsync(IPAddress.Loopback, host.Host.Port);
        await visitor.GetStream().WriteAsync(new byte[] { 0 });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var read = visitor.GetStream().ReadAsync(new byte[1], limit.Token).AsTask();
        while (!read.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(0, await read);
    }

    [Fact]
    public async Task Side_by_side_addresses_lead_to_one_conversation_even_when_some_are_dead_or_wrong()
    {
        await using var wrong = Side.Create("Eve").RunHost();
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        using var deadEnd = new TcpListener(IPAddress.Loopback, 0);
        deadEnd.Start();
        var joiner = Side.Create("Bob");
        await using var session = new DirectJoiner(joiner.Settings, new JoinSettings
        {
            Addresses = [new("127.0.0.1", 1), new("127.0.0.1", ((IPEndPoint)deadEnd.LocalEndpoint).Port), new("127.0.0.1", wrong.Host.Port), new("localhost", host.Host.Port), new("127.0.0.1", host.Host.Port)],
            Invite = invite,
        });
        using var kill = new CancellationTokenSource();
        var run = session.RunAsync(kill.Token);
        await host.WaitForAsync<PeerJoined>();
        await host.SendAsync("one");
        Assert.Single(host.Happened.OfType<PeerJoined>());
        Assert.Empty(host.Happened.OfType<PeerStartedAnew>());
        await kill.CancelAsync();
        await run;
    }
}
