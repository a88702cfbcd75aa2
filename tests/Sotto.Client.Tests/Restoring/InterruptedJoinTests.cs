using Sotto.Client.Joining;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Restoring;

/// <summary>The relay is restored while somebody joins: the join goes on at once, and so does everything else.</summary>
public sealed class InterruptedJoinTests
{
    /// <summary>Killed at each thing that the joiner does once the channel is asked for, with the backup of before the join or of that moment.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_join_that_a_restore_interrupts_goes_on_within_the_day(bool backupHasTheChannel)
    {
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        var invite = await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);
        var before = relay.Backup();
        await using var bob = await TestPerson.StartAsync("Bob");
        await ann.StopAsync();
        await StopBeforeCommitAsync(bob, invite);
        var backup = backupHasTheChannel ? relay.Backup() : before;
        await relay.StopAsync();
        await relay.RestoreAsync(backup);

        bob.Crashes = null;
        await bob.StartAgainAsync();
        await ann.StartAgainAsync();

        var bobs = await bob.JoinAsync(invite);
        await bobs.SendAsync("through the restore");
        Assert.Equal("through the restore", await ann.ReadAsync());
        await (await ann.OnlyConversationAsync()).SendAsync("and back");
        Assert.Equal("and back", await bob.ReadAsync());
    }

    /// <summary>Kills the joiner at one point after the other, until the channel is made and the commit is not posted.</summary>
    private static async Task StopBeforeCommitAsync(TestPerson bob, Invite invite)
    {
        for (var at = 5; ; at++)
        {
            await bob.StopAsync();
            bob.Crashes = new(at, isAfter: false);
            await bob.StartAgainAsync();
            try
            {
                await bob.JoinAsync(invite).WaitAsync(TimeSpan.FromSeconds(3));
            }
            catch (Exception) when (bob.Crashes.Killed.IsCompleted)
            {
                // As it should be.
            }

            await bob.StopAsync();
            bob.Crashes = null;
            await using var looked = await ClientState.OpenAsync(new() { Crypto = TestPerson.Crypto, Time = TimeProvider.System, Store = bob.Store.Reopen(), Relays = null! }, CancellationToken.None);
            if (looked.Joins.Values.Any(join => join.Stage >= JoinStage.Committing))
                return;
        }
    }
}
