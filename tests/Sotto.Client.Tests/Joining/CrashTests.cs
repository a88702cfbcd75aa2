using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Joining;

/// <summary>
/// Killed before and after each thing that a client does to its store and its relay while two people come together, and started
/// again: one conversation, no message lost, none shown twice.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_joiner_that_is_killed_at_any_point_comes_to_one_conversation()
    {
        var (points, _) = await CountAsync();
        await RunAsync(Points(points), (at, isAfter) => TalkAsync(null, new Crashes(at, isAfter)));
    }

    [Fact]
    public async Task An_inviter_that_is_killed_at_any_point_comes_to_one_conversation()
    {
        var (_, points) = await CountAsync();
        await RunAsync(Points(points), (at, isAfter) => TalkAsync(new Crashes(at, isAfter), null));
    }

    private static async Task<(int Joiner, int Inviter)> CountAsync()
    {
        var (ann, bob) = (new Crashes(), new Crashes());
        await TalkAsync(ann, bob);
        Assert.True(ann.Count > 10 && bob.Count > 25, $"Only {ann.Count} and {bob.Count} points were found.");
        return (bob.Count, ann.Count);
    }

    /// <summary>All points where the tier has time for them; otherwise every fifth.</summary>
    private static IEnumerable<(int At, bool IsAfter)> Points(int count)
    {
        var step = Environment.GetEnvironmentVariable("SOTTO_TIER") is "all" or "soak" ? 1 : 5;
        for (var at = 0; at < count; at += step)
        {
            yield return (at, false);
            yield return (at, true);
        }
    }

    private static Task RunAsync(IEnumerable<(int At, bool IsAfter)> points, Func<int, bool, Task> run) => Parallel.ForEachAsync(
        points, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (point, _) =>
        {
            try
            {
                await run(point.At, point.IsAfter);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Killed {(point.IsAfter ? "after" : "before")} point {point.At}: {failure.Message}", failure);
            }
        });

    /// <summary>Ann invites, Bob joins, a line each way; whoever is killed is started again.</summary>
    private static async Task TalkAsync(Crashes? anns, Crashes? bobs)
    {
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        await using var bob = await TestPerson.StartAsync("Bob", bobs);
        var invite = await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);
        if (anns is not null)
        {
            await ann.StopAsync();
            ann.Crashes = anns;
            await ann.StartAgainAsync();
        }

        using var watching = new CancellationTokenSource();
        var reviving = Task.WhenAll(ReviveAsync(ann, anns, watching.Token), ReviveAsync(bob, bobs, watching.Token));
        await bob.KeepTryingAsync(async client => await JoinAsync(client, invite));
        await bob.KeepTryingAsync(client => SayOnceAsync(client, "Hello Ann"));
        await ann.KeepTryingAsync(client => SayOnceAsync(client, "Hello Bob"));
        foreach (var person in (TestPerson[])[ann, bob])
            await person.KeepTryingAsync(async client => (await TextsAsync(client)).Count >= 2);
        await watching.CancelAsync();
        await reviving;
        foreach (var person in (TestPerson[])[ann, bob])
        {
            await person.KeepTryingAsync(async client => (await TextsAsync(client)).Count >= 2);
            Assert.Equal(["Hello Ann", "Hello Bob"], (await TextsAsync(person.Client)).Order());
            Assert.Equal(Verification.Invite, (await person.OnlyConversationAsync()).Verification);
        }
    }

    private static async Task<bool> JoinAsync(SottoClient client, Invite invite)
    {
        var link = InviteLink.Parse(invite.Link);
        if (!client.HasAccount || (await client.ConversationsAsync()).Count == 0)
            await client.JoinAsync(link, await client.PreviewAsync(link), "Bob");
        return true;
    }

    private static async Task<bool> SayOnceAsync(SottoClient client, string text)
    {
        if (await client.ConversationsAsync() is not [var conversation])
            return false;
        if ((await conversation.ReadAsync(10)).All(message => message.Text != text))
            await conversation.SendAsync(text);
        return true;
    }

    private static async Task<List<string>> TextsAsync(SottoClient client) =>
        await client.ConversationsAsync() is [var only] ? [.. (await only.ReadAsync(10)).Select(message => message.Text)] : [];

    /// <summary>Starts a person again as soon as they were killed, or at the end: what is stored is what counts.</summary>
    private static async Task ReviveAsync(TestPerson person, Crashes? crashes, CancellationToken cancellationToken)
    {
        if (crashes is null)
            return;
        await Task.WhenAny(crashes.Killed, Task.Delay(Timeout.Infinite, cancellationToken));
        await person.ReviveAsync();
    }
}
