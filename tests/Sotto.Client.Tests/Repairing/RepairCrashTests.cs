using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Repairing;

/// <summary>
/// Killed before and after each thing that a client does to its store and its relay while a device is taken in again or a
/// conversation begun anew, and started again: both talk, nothing is lost and nothing shown twice.
/// </summary>
public sealed class RepairCrashTests
{
    [Fact]
    public Task Who_asks_for_repair_may_be_killed_at_any_point() => KillAsync(RepairAsync, killsAnn: true);

    [Fact]
    public Task Who_answers_a_repair_request_may_be_killed_at_any_point() => KillAsync(RepairAsync, killsAnn: false);

    [Fact]
    public Task One_of_two_who_begin_anew_may_be_killed_at_any_point() => KillAsync(ResetAsync, killsAnn: true);

    [Fact]
    public Task The_other_of_two_who_begin_anew_may_be_killed_at_any_point() => KillAsync(ResetAsync, killsAnn: false);

    private static async Task KillAsync(Func<TestPair, Crashes, bool, Task> run, bool killsAnn)
    {
        var counting = new Crashes();
        await RunAsync(run, counting, killsAnn);
        Assert.True(counting.Count > 15, $"Only {counting.Count} points were found.");
        await Parallel.ForEachAsync(Points(counting.Count), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (point, _) =>
        {
            try
            {
                await RunAsync(run, new(point.At, point.IsAfter), killsAnn);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Killed {(point.IsAfter ? "after" : "before")} point {point.At}: {failure.Message}", failure);
            }
        });
    }

    /// <summary>All points in a soak, every second where the tier has time for them; otherwise every ninth. They wait more than they work.</summary>
    private static IEnumerable<(int At, bool IsAfter)> Points(int count)
    {
        var step = Environment.GetEnvironmentVariable("SOTTO_TIER") switch
        {
            "soak" => 1,
            "all" => 2,
            _ => 9,
        };
        for (var at = 0; at < count; at += step)
        {
            yield return (at, false);
            yield return (at, true);
        }
    }

    private static async Task RunAsync(Func<TestPair, Crashes, bool, Task> run, Crashes crashes, bool killsAnn)
    {
        await using var pair = await TestPair.StartAsync();
        await pair.TalkAsync("before");
        await pair.SettleAsync();
        using var watching = new CancellationTokenSource();
        var victim = killsAnn ? pair.Ann : pair.Bob;
        await run(pair, crashes, killsAnn);
        var reviving = ReviveAsync(victim, crashes, watching.Token);
        foreach (var person in pair.Both)
            await SayAsync(person, $"after, says {person.Name}");
        foreach (var person in pair.Both)
            await person.KeepTryingAsync(client => HasAsync(client, $"after, says {pair.Other(person).Name}"));
        await watching.CancelAsync();
        await reviving;
        await pair.TalkAsync("last");
        await pair.AgreeAsync("before, says Ann", "before, says Bob", "after, says Ann", "after, says Bob", "last, says Ann", "last, says Bob");
    }

    /// <summary>Ann's mailbox is somebody else's.</summary>
    private static async Task RepairAsync(TestPair pair, Crashes crashes, bool killsAnn)
    {
        await pair.Ann.StopAsync();
        if (!killsAnn)
            await RestartAsync(pair.Bob, crashes);
        await TestPair.EditAsync(pair.Ann, record => record with { ReadCapability = Fresh.ThirtyTwo(TestPerson.Crypto) });
        if (killsAnn)
            pair.Ann.Crashes = crashes;
        await pair.Ann.StartAgainAsync();
    }

    /// <summary>The channel is dead for both.</summary>
    private static async Task ResetAsync(TestPair pair, Crashes crashes, bool killsAnn)
    {
        var victim = killsAnn ? pair.Ann : pair.Bob;
        await victim.StopAsync();
        await TestPair.PostVoidCommitAsync(pair.Other(victim));
        victim.Crashes = crashes;
        await victim.StartAgainAsync();
    }

    private static async Task RestartAsync(TestPerson person, Crashes crashes)
    {
        await person.StopAsync();
        person.Crashes = crashes;
        await person.StartAgainAsync();
    }

    private static async Task ReviveAsync(TestPerson person, Crashes crashes, CancellationToken cancellationToken)
    {
        await Task.WhenAny(crashes.Killed, Task.Delay(Timeout.Infinite, cancellationToken));
        await person.ReviveAsync();
    }

    private static Task SayAsync(TestPerson person, string text) => person.KeepTryingAsync(async client =>
    {
        if (await client.ConversationsAsync() is not [var conversation])
            return false;
        if ((await conversation.ReadAsync(20)).All(message => message.Text != text))
            await conversation.SendAsync(text);
        return true;
    });

    private static async Task<bool> HasAsync(SottoClient client, string text) =>
        await client.ConversationsAsync() is [var only] && (await only.ReadAsync(20)).Any(message => message.Text == text);
}
