using Google.Protobuf;
using Sotto.Client.Conversations;
using Sotto.Client.Relays;
using Sotto.Client.Tests.Running;
using Sotto.Wire.Stream;

namespace Sotto.Client.Tests.Restoring;

/// <summary>A channel in which nothing can be followed any more: it is said once, nothing more is read or sent there, and all else goes on.</summary>
public sealed class DeadChannelTests : IAsyncLifetime
{
    private TestRelay _relay = null!;
    private TestPerson _ann = null!;
    private TestPerson _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await TestPerson.RegisterAsync("Ann", _relay);
        _bob = await TestPerson.StartAsync("Bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _bob.DisposeAsync();
        await _ann.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_that_does_not_open_closes_the_channel_for_both_and_says_so_once()
    {
        await JoinAsync(_bob);
        await PostVoidCommitAsync(_bob);

        foreach (var person in (TestPerson[])[_ann, _bob])
        {
            await person.EventAsync<NoticeRaised>(notice => notice.Kind == NoticeKind.ChannelDead);
            await IsStoppedAsync(person);
            await person.RestartAsync();
            await IsStoppedAsync(person);
            Assert.Single(person.Seen.ToList(), happened => happened is NoticeRaised { Kind: NoticeKind.ChannelDead });
        }
    }

    [Fact]
    public async Task A_conversation_that_a_restored_relay_has_not_got_is_dead_and_the_others_go_on()
    {
        await using var charlie = await TestPerson.StartAsync("Charlie");
        await JoinAsync(charlie);
        var backup = _relay.Backup();
        await JoinAsync(_bob);
        await _relay.StopAsync();

        await _relay.RestoreAsync(backup);

        var dead = (await _ann.EventAsync<NoticeRaised>(notice => notice.Kind == NoticeKind.ChannelDead)).Conversation!;
        Assert.Equal("Bob", dead.Name);
        await Assert.ThrowsAsync<ClientException>(() => dead.SendAsync("is anybody there?"));
        await (await charlie.OnlyConversationAsync()).SendAsync("we go on");
        Assert.Equal("we go on", await _ann.ReadAsync());
        await _ann.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
    }

    private async Task JoinAsync(TestPerson person)
    {
        await person.JoinAsync(await _ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience));
        await _ann.EventAsync<ConversationStarted>();
        await person.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
        await person.Client.FlushAsync().WaitAsync(TestPerson.Patience);
    }

    /// <summary>The client waits for nothing there, takes nothing more, and refuses to send.</summary>
    private static async Task IsStoppedAsync(TestPerson person)
    {
        var conversation = await person.OnlyConversationAsync();
        var refused = await Assert.ThrowsAsync<ClientException>(() => conversation.SendAsync("into the void"));
        Assert.Equal(ClientFailure.ReadOnly, refused.Failure);
        await person.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
        await person.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        Assert.Empty(await conversation.ReadAsync(10));
    }

    /// <summary>What a member can do who is none of ours: the relay takes it, and nobody can open it.</summary>
    private async Task PostVoidCommitAsync(TestPerson member)
    {
        var own = member.Client.State.Relays.Values.Single();
        var conversation = member.Client.State.Conversations.Values.Single();
        await using var relay = await new HttpRelays(TestPerson.Crypto, TimeProvider.System).ConnectAsync(own.Endpoint, 0, CancellationToken.None);
        await using var stream = await relay.OpenStreamAsync(CancellationToken.None);
        await stream.AskAsync(new()
        {
            Post = new()
            {
                Channel = conversation.Record.Channel.ToWire(),
                LastNumber = conversation.Group.Epoch.Value,
                EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(conversation.Group, conversation.Record.Channel)),
                Kind = EntryKind.Commit,
                IdempotencyId = Fresh.Sixteen(TestPerson.Crypto).ToWire(),
                Capability = ChannelKeys.WriteCapability(conversation.Group, conversation.Record.Channel).ToWire(),
                Payload = ByteString.CopyFrom(Fresh.Bytes(TestPerson.Crypto, 512)),
                Commit = new() { Number = conversation.Group.Epoch.Value + 1, NextWriteCapabilityHash = Fresh.ThirtyTwo(TestPerson.Crypto).HashToWire() },
            },
        }, CancellationToken.None).WaitAsync(TestPerson.Patience);
    }
}
