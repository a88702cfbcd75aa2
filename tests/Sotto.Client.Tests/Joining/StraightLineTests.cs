using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Joining;

public sealed class StraightLineTests
{
    [Fact]
    public async Task Two_people_join_by_an_invite_and_talk_both_ways()
    {
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        await using var bob = await TestPerson.StartAsync("Bob");

        var invite = await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience);
        var bobs = await bob.JoinAsync(invite);
        var anns = (await ann.EventAsync<ConversationStarted>()).Conversation;
        await bobs.SendAsync("Hello Ann");
        Assert.Equal("Hello Ann", await ann.ReadAsync());
        await anns.SendAsync("Hello Bob");
        Assert.Equal("Hello Bob", await bob.ReadAsync());
        await bob.Client.FlushAsync().WaitAsync(TestPerson.Patience);

        Assert.Equal(("Bob", "Ann"), (anns.Name, bobs.Name));
        Assert.Equal((Verification.Invite, Verification.Invite), (anns.Verification, bobs.Verification));
        Assert.Equal(anns.SafetyNumber, bobs.SafetyNumber);
        Assert.Equal(anns.Id, bobs.Id);
        var stored = await bobs.ReadAsync(10);
        Assert.Equal([("Hello Ann", true), ("Hello Bob", false)], stored.Select(message => (message.Text, message.IsOwn)));
        Assert.InRange(stored[0].Status, MessageStatus.Sent, MessageStatus.Delivered);
        Assert.Equal((await anns.ReadAsync(10)).Select(message => message.Id), stored.Select(message => message.Id));
    }
}
