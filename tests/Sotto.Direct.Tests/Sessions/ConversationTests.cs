using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;
using Sotto.Testing;

namespace Sotto.Direct.Tests.Sessions;

public sealed class ConversationTests
{
    [Fact]
    public async Task An_invite_verifies_both_sides_and_lines_go_both_ways()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);

        var atHost = await host.WaitForAsync<PeerJoined>();
        var atJoiner = await joiner.WaitForAsync<PeerJoined>();
        await host.SendAsync("hello Bob");
        await joiner.SendAsync("hello Ann");
        await host.WaitForLinesAsync(1);
        await joiner.WaitForLinesAsync(1);

        Assert.Equal((Verification.Invite, Verification.Invite), (atHost.Peer.Verification, atJoiner.Peer.Verification));
        Assert.Equal(("Bob", "Ann"), (atHost.Peer.Name, atJoiner.Peer.Name));
        Assert.Null(atHost.Code);
        Assert.Equal(["hello Ann"], host.Lines);
        Assert.Equal(["hello Bob"], joiner.Lines);
    }

    [Fact]
    public async Task Without_an_invite_both_see_the_same_code_and_nobody_is_verified_before_a_yes()
    {
        await using var host = Side.Create("Ann").RunHost();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port);
        var atHost = await host.WaitForAsync<PeerJoined>();
        var atJoiner = await joiner.WaitForAsync<PeerJoined>();

        Assert.NotNull(atHost.Code);
        Assert.Equal(atHost.Code, atJoiner.Code);
        Assert.False(host.Session.Peer!.IsVerified);

        host.Session.AnswerCode(agree: true);
        Assert.True(host.Session.Peer!.IsVerified);
        Assert.False(joiner.Session.Peer!.IsVerified);
    }

    [Fact]
    public async Task A_verified_peer_comes_back_in_a_later_run_without_a_code()
    {
        var ann = Side.Create("Ann");
        var bob = Side.Create("Bob");
        await using (ann)
        await using (bob)
        {
            ann.RunHost();
            bob.RunJoiner(ann.Host.Port);
            await ann.WaitForAsync<PeerJoined>();
            await bob.WaitForAsync<PeerJoined>();
            ann.Session.AnswerCode(agree: true);
            bob.Session.AnswerCode(agree: true);
        }

        await using var annAgain = Side.Create("Ann", ann.Folder).RunHost();
        await using var bobAgain = Side.Create("Bob", bob.Folder).RunJoiner(annAgain.Host.Port);
        var joined = await annAgain.WaitForAsync<PeerJoined>();
        Assert.Equal(Verification.Remembered, joined.Peer.Verification);
        Assert.Null(joined.Code);
    }

    [Fact]
    public async Task A_no_to_the_code_ends_both_sides_with_the_reason()
    {
        await using var host = Side.Create("Ann").RunHost();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port);
        await host.WaitForAsync<PeerJoined>();
        await joiner.WaitForAsync<PeerJoined>();
        joiner.Session.AnswerCode(agree: false);
        Assert.Equal(DirectFailure.CodeRefused, (await joiner.WaitForEndAsync()).Failure?.Failure);
        Assert.Equal(DirectFailure.CodeRefused, (await host.WaitForEndAsync()).Failure?.Failure);
    }

    [Fact]
    public async Task Leaving_is_polite_and_ends_both_sides_with_everything_delivered()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        for (var i = 0; i < 100; i++)
            await host.SendAsync($"line {i}");
        await joiner.SendAsync("bye");
        joiner.Session.Leave();

        Assert.True((await joiner.WaitForEndAsync()).IsComplete);
        Assert.True((await host.WaitForEndAsync()).IsComplete);
        Assert.Equal(["bye"], host.Lines);
        Assert.Equal(100, joiner.Lines.Count);
    }

    [Fact]
    public async Task Two_pipes_end_when_both_inputs_have_and_not_before()
    {
        await using var host = Side.Create("Ann", endsWithPeer: false).RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob", endsWithPeer: false).RunJoiner(host.Host.Port, invite);
        await joiner.SendAsync("all I have");
        joiner.Session.CompleteSending();
        await host.WaitForAsync<PeerFinished>();
        Assert.False(host.Ended.IsCompleted);

        await host.SendAsync("still something");
        host.Session.CompleteSending();
        Assert.True((await joiner.WaitForEndAsync()).IsComplete);
        Assert.True((await host.WaitForEndAsync()).IsComplete);
        Assert.Equal(["still something"], joiner.Lines);
    }

    [Fact]
    public async Task Keys_are_renewed_in_mid_conversation_and_no_line_is_lost_or_held_up()
    {
        const int count = 6000;
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        await Task.WhenAll(SendManyAsync(host), SendManyAsync(joiner));
        await host.WaitForLinesAsync(count);
        await joiner.WaitForLinesAsync(count);

        Assert.Equal(Enumerable.Range(0, count).Select(i => $"line {i}"), host.Lines);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"line {i}"), joiner.Lines);
        Assert.True(host.Happened.OfType<KeysRenewed>().Count() >= 2, "the host renewed its keys");
        Assert.True(joiner.Happened.OfType<KeysRenewed>().Count() >= 2, "the joiner renewed its keys");

        static async Task SendManyAsync(Side side)
        {
            for (var i = 0; i < count; i++)
                await side.SendAsync($"line {i}");
        }
    }

    [Fact]
    public async Task The_paper_s_rsa_exchange_works_in_its_place_and_renews_too()
    {
        await using var host = Side.Create("Ann").RunHost(new HostSettings { Address = System.Net.IPAddress.Loopback, Port = 0, Method = Sotto.Direct.Exchange.ExchangeMethod.Rsa });
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        Assert.Equal(Sotto.Direct.Exchange.ExchangeMethod.Rsa, (await joiner.WaitForAsync<PeerJoined>()).Method);
        for (var i = 0; i < 2500; i++)
            await joiner.SendAsync($"line {i}");
        await host.WaitForLinesAsync(2500);
        await host.WaitForAsync<KeysRenewed>();
    }

    [Fact]
    public async Task A_line_of_any_length_arrives_in_parts_that_join_to_it()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var joiner = Side.Create("Bob").RunJoiner(host.Host.Port, invite);
        var text = string.Concat(Enumerable.Repeat("añ日👋", 100_000));
        await joiner.SendAsync(text);
        await joiner.SendAsync("after");
        await host.WaitForAsync<LineReceived>(line => line.Text.Span.SequenceEqual("after"u8));

        var parts = host.Happened.OfType<LineReceived>().SkipLast(1).ToList();
        Assert.Equal(text, string.Concat(host.Lines.SkipLast(1)));
        Assert.All(parts.SkipLast(1), part => Assert.Equal(LineShape.Continues, part.Shape));
        Assert.Equal(LineShape.Line, parts[^1].Shape);
    }

    [Fact]
    public async Task Two_terminals_of_one_person_can_talk()
    {
        var folder = Directory.CreateTempSubdirectory("sotto-test-").FullName;
        await using var host = Side.Create("Ann", folder).RunHost();
        await using var joiner = Side.Create("Ann", folder).RunJoiner(host.Host.Port);
        Assert.Equal(Verification.Self, (await host.WaitForAsync<PeerJoined>()).Peer.Verification);
        await joiner.SendAsync("to myself");
        await host.WaitForLinesAsync(1);
    }
}
