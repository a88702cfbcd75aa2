using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct;
using Sotto.Direct.Conversations;
using Sotto.Direct.Handshake;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;
using Sotto.Testing;

namespace Sotto.Attack.Tests;

/// <summary>
/// AT-21: replay, reflection, reorder, old session key. Each of 100 recorded tokens is sent again, mirrored, swapped with
/// its neighbour, and played into a new session.
/// </summary>
public sealed class At21ReplayTests
{
    private const int Count = 100;
    private static readonly NativeCryptoProvider Crypto = new();

    public static TheoryData<string> Attacks => ["replay", "reflection", "reorder", "new session"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void No_recorded_token_is_accepted_in_any_other_place(string attack)
    {
        var accepted = Accepted(attack);
        AttackReport.Add("AT-21", attack, $"rejected: {accepted} of {Count} accepted");
        Assert.Equal(0, accepted);
    }

    [Theory]
    [InlineData(Heading.ToHost)]
    [InlineData(Heading.ToJoiner)]
    public async Task A_replayed_token_on_a_real_socket_is_shown_by_nobody(Heading heading) =>
        await InjectAsync(heading, recorded => recorded.Where(r => r.Heading == heading).Select(r => r.Frame).Last(), "replay on a socket");

    [Theory]
    [InlineData(Heading.ToHost)]
    [InlineData(Heading.ToJoiner)]
    public async Task A_reflected_token_on_a_real_socket_is_shown_by_nobody(Heading heading) =>
        await InjectAsync(heading, recorded => recorded.Where(r => r.Heading != heading).Select(r => r.Frame).Last(), "reflection on a socket");

    [Fact]
    public async Task Reordered_tokens_on_a_real_socket_end_the_connection_and_every_line_comes_once_in_order()
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        byte[]? held = null;
        var swapped = false;
        proxy.OnFrame = (heading, frame) =>
        {
            if (heading != Heading.ToHost || swapped)
                return [frame];
            if (held is null)
            {
                held = frame;
                return [];
            }

            swapped = true;
            return [frame, held];
        };
        for (var i = 0; i < 20; i++)
            await joiner.SendAsync($"line {i}");
        await host.WaitForLinesAsync(20);
        Assert.True(swapped);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"line {i}"), host.Lines);
        Assert.Equal(DirectException.Token().Message, (await host.WaitForAsync<PeerDropped>()).Reason);
        AttackReport.Add("AT-21", "reorder on a socket", "rejected: connection ended, 20 of 20 lines once and in order");
    }

#if DEFENCES
    [Theory]
    [InlineData("replay", Defence.KeyPerMessage | Defence.Counter)]
    [InlineData("reflection", Defence.KeyPerDirection)]
    [InlineData("reorder", Defence.KeyPerMessage | Defence.Counter)]
    [InlineData("new session", Defence.KeyPerExchange)]
    public void Control_without_the_defence_the_attack_succeeds(string attack, Defence defence)
    {
        using var off = Defences.SwitchOff(defence);
        var accepted = Accepted(attack);
        AttackReport.Add("AT-21", $"{attack}, control without {defence}", $"succeeds: {accepted} of {Count} accepted");
        Assert.True(accepted >= Count - 1, $"{accepted} of {Count}");
    }

    [Theory]
    [InlineData("replay", Defence.KeyPerMessage)]
    [InlineData("replay", Defence.Counter)]
    [InlineData("reorder", Defence.KeyPerMessage)]
    [InlineData("reorder", Defence.Counter)]
    public void Either_of_two_defences_is_enough_alone(string attack, Defence other)
    {
        using var off = Defences.SwitchOff(other);
        Assert.Equal(0, Accepted(attack));
    }
#endif

    private static int Accepted(string attack)
    {
        using var root = Secret.CopyOf(Enumerable.Repeat((byte)7, 32).ToArray());
        using var otherRoot = Secret.CopyOf(Enumerable.Repeat((byte)8, 32).ToArray());
        var tokens = Record(root, DirectRole.Host);
        return attack switch
        {
            "replay" => Enumerable.Range(0, Count).Count(i => Opens(root, DirectRole.Host, tokens[..(i + 1)], tokens[i])),
            "reflection" => Enumerable.Range(0, Count).Count(i => Opens(root, DirectRole.Joiner, Record(root, DirectRole.Joiner)[..i], tokens[i])),
            "reorder" => Enumerable.Range(0, Count).Count(i => Opens(root, DirectRole.Host, tokens[..i], tokens[i + 1])),
            "new session" => Enumerable.Range(0, Count).Count(i => Opens(otherRoot, DirectRole.Host, Record(otherRoot, DirectRole.Host)[..i], tokens[i])),
            _ => throw new ArgumentOutOfRangeException(nameof(attack)),
        };
    }

    /// <summary>Tokens as one side seals them, one more than are attacked with.</summary>
    private static byte[][] Record(Secret root, DirectRole sender)
    {
        using var sending = new SendingChannel(Crypto, TimeProvider.System, new MessageChain(Crypto, root, sender));
        return [.. Enumerable.Range(0, Count + 1).Select(i =>
        {
            var frames = new FrameWriter();
            sending.Seal(MessageType.Ack, BitConverter.GetBytes((long)i), frames);
            return frames.Written[Frame.HeaderLength..].ToArray();
        })];
    }

    /// <summary>A receiver that has opened the genuine tokens before: does it take this one next?</summary>
    private static bool Opens(Secret root, DirectRole sender, IEnumerable<byte[]> before, byte[] token)
    {
        using var receiving = new ReceivingChannel(Crypto, new MessageChain(Crypto, root, sender));
        foreach (var genuine in before)
            receiving.Open(genuine);
        try
        {
            receiving.Open(token);
            return true;
        }
        catch (DirectException)
        {
            return false;
        }
    }

    private static async Task InjectAsync(Heading heading, Func<IReadOnlyList<(Heading Heading, byte[] Frame)>, byte[]> choose, string attack)
    {
        await using var host = Side.Create("Ann").RunHost();
        using var invite = await host.InviteAsync();
        await using var proxy = new FaultProxy(host.Host.Port);
        await using var joiner = Side.Create("Bob").RunJoiner(proxy.Port, invite);
        await joiner.WaitForAsync<PeerJoined>();
        for (var i = 0; i < 10; i++)
        {
            await joiner.SendAsync($"line {i}");
            await host.SendAsync($"line {i}");
        }

        await host.WaitForLinesAsync(10);
        await joiner.WaitForLinesAsync(10);
        var injected = false;
        proxy.OnFrame = (way, frame) =>
        {
            if (way != heading || injected)
                return [frame];
            injected = true;
            return [choose(proxy.Recorded), frame];
        };
        await joiner.SendAsync("last");
        await host.SendAsync("last");
        await host.WaitForLinesAsync(11);
        await joiner.WaitForLinesAsync(11);
        var victim = heading == Heading.ToHost ? host : joiner;
        Assert.Equal(DirectException.Token().Message, (await victim.WaitForAsync<PeerDropped>()).Reason);
        var expected = Enumerable.Range(0, 10).Select(i => $"line {i}").Append("last");
        Assert.Equal(expected, host.Lines);
        Assert.Equal(expected, joiner.Lines);
        AttackReport.Add("AT-21", $"{attack}, {heading}", "rejected: connection ended, nothing shown twice or lost");
    }
}
