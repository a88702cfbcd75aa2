using Sotto.Client;
using Sotto.Client.Invites;
using Sotto.Client.Storage;

namespace Sotto.Simulation.Tests.Conformance;

/// <summary>What two people do, with the twin and with the real relay: the same comes of it.</summary>
public sealed class SceneTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_people_come_together_talk_renew_keys_block_and_survive_a_restore(bool isReal)
    {
        await using var relay = await RelayUnderTest.StartAsync(isReal);
        await using var ann = await OpenAsync(relay);
        await using var bob = await OpenAsync(relay);
        await using var eve = await OpenAsync(relay);
        await ann.CreateAccountAsync(await relay.NewLinkAsync(), "Ann").WaitAsync(_patience);
        var invite = await ann.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(_patience);
        var bobs = await JoinAsync(bob, invite, "Bob");
        await ann.UntilAsync(async () => (await ann.ConversationsAsync()).Count == 1).WaitAsync(_patience);
        var anns = (await ann.ConversationsAsync()).Single();

        await TalkAsync(ann, anns, bob, bobs, "first", 2);
        await EndedAsync(eve, invite, ClientFailure.InviteUsed);
        var revoked = await ann.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(_patience);
        Assert.True(await ann.RevokeInviteAsync(revoked.Name));
        await ann.UntilAsync(() => Task.FromResult(ann.State.Invites.Values.All(known => known.EndIsTold))).WaitAsync(_patience);
        await EndedAsync(eve, revoked, ClientFailure.InviteRevoked);

        await TalkAsync(ann, anns, bob, bobs, "many", 25);
        await ann.UntilAsync(() => Task.FromResult(anns.State.Group.Epoch.Value > 1)).WaitAsync(_patience);
        await relay.RestartAsync();
        await TalkAsync(ann, anns, bob, bobs, "restarted", 1);

        await ann.BlockAsync(anns, true);
        await bobs.SendAsync("nobody sees this");
        await bob.FlushAsync().WaitAsync(_patience);
        await ann.UntilAsync(() => Task.FromResult(!anns.State.Record.LaneIsStale && anns.State.Record.PeerCounters.Single().Last == bobs.State.Record.Counter)).WaitAsync(_patience);
        await ann.BlockAsync(anns, false);
        relay.BackUp();
        await TalkAsync(ann, anns, bob, bobs, "lost", 25);

        await relay.RestoreAsync();
        await TalkAsync(ann, anns, bob, bobs, "restored", 3);
        Assert.DoesNotContain("nobody sees this", await TextsAsync(anns));
        Assert.Equal((await TextsAsync(bobs)).Order(), (await TextsAsync(anns)).Append("nobody sees this").Order());
    }

    private static Task<SottoClient> OpenAsync(RelayUnderTest relay) => SottoClient.OpenAsync(new()
    {
        Crypto = RelayUnderTest.Crypto,
        Store = new MemoryStore(),
        Relays = relay.Relays,
        LongestReportDelay = TimeSpan.Zero,
    });

    private static async Task<Conversation> JoinAsync(SottoClient client, Invite invite, string name)
    {
        var link = InviteLink.Parse(invite.Link);
        return await client.JoinAsync(link, await client.PreviewAsync(link).WaitAsync(_patience), name).WaitAsync(_patience);
    }

    /// <summary>Whoever comes now is told why not.</summary>
    private static async Task EndedAsync(SottoClient client, Invite invite, ClientFailure why) =>
        Assert.Equal(why, (await Assert.ThrowsAsync<ClientException>(() => JoinAsync(client, invite, "Eve"))).Failure);

    private static async Task TalkAsync(SottoClient one, Conversation ones, SottoClient other, Conversation others, string what, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await ones.SendAsync($"{what} from one {i}");
            await others.SendAsync($"{what} from the other {i}");
        }

        await one.UntilAsync(async () => (await TextsAsync(ones)).Contains($"{what} from the other {count - 1}")).WaitAsync(_patience);
        await other.UntilAsync(async () => (await TextsAsync(others)).Contains($"{what} from one {count - 1}")).WaitAsync(_patience);
    }

    private static async Task<List<string>> TextsAsync(Conversation conversation) => [.. (await conversation.ReadAsync(1_000)).Select(message => message.Text)];
}
