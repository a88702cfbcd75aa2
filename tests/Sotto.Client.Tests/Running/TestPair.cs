using System.Text.Json;
using Google.Protobuf;
using Sotto.Client.Conversations;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Wire.Stream;

namespace Sotto.Client.Tests.Running;

/// <summary>Ann, who invited, and Bob, who joined, at one relay.</summary>
internal sealed class TestPair(TestRelay relay, TestPerson ann, TestPerson bob) : IAsyncDisposable
{
    public TestRelay Relay { get; } = relay;

    public TestPerson Ann { get; } = ann;

    public TestPerson Bob { get; } = bob;

    public TestPerson[] Both => [Ann, Bob];

    public static async Task<TestPair> StartAsync(TimeProvider? time = null)
    {
        var relay = await TestRelay.StartAsync(time);
        var ann = await TestPerson.RegisterAsync("Ann", relay, time);
        var bob = await TestPerson.StartAsync("Bob", time: time);
        var pair = new TestPair(relay, ann, bob);
        await bob.JoinAsync(await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience));
        await ann.EventAsync<ConversationStarted>();
        await pair.SettleAsync();
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        await Bob.DisposeAsync();
        await Ann.DisposeAsync();
        await Relay.DisposeAsync();
    }

    public TestPerson Other(TestPerson person) => person == Ann ? Bob : Ann;

    /// <summary>Until both have each other's first entry and nothing waits.</summary>
    public async Task SettleAsync()
    {
        foreach (var person in Both)
        {
            await person.Client.UntilAsync(() => Task.FromResult(RecordOf(person) is { PeerContact: not null, HelloIsWritten: true, ClaimToken: null })).WaitAsync(TestPerson.Patience);
            await person.Client.CatchUpAsync().WaitAsync(TestPerson.Patience);
            await person.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        }
    }

    public static ConversationState StateOf(TestPerson person) => person.Client.State.Conversations.Values.Single();

    public static ConversationRecord RecordOf(TestPerson person) => StateOf(person).Record;

    /// <summary>A line each way, which both get.</summary>
    public async Task TalkAsync(string what)
    {
        foreach (var person in Both)
        {
            await (await person.OnlyConversationAsync()).SendAsync($"{what}, says {person.Name}");
            await HasAsync(Other(person), $"{what}, says {person.Name}");
        }
    }

    public static Task HasAsync(TestPerson person, string text) =>
        person.Client.UntilAsync(async () => (await TextsAsync(person)).Contains(text)).WaitAsync(TestPerson.Patience);

    public static async Task<List<string>> TextsAsync(TestPerson person) =>
        [.. (await (await person.OnlyConversationAsync()).ReadAsync(1_000)).Select(message => message.Text)];

    /// <summary>Both have exactly these, each once, in the same group and epoch, and nothing waits.</summary>
    public async Task AgreeAsync(params string[] texts)
    {
        foreach (var person in Both)
        {
            Assert.Equal(texts.Order(StringComparer.Ordinal), (await TextsAsync(person)).Order(StringComparer.Ordinal));
            Assert.Equal(Verification.Invite, (await person.OnlyConversationAsync()).Verification);
            Assert.False((await person.OnlyConversationAsync()).IsStopped);
        }

        Assert.Equal(StateOf(Ann).Group.GroupId, StateOf(Bob).Group.GroupId);
        Assert.Equal(StateOf(Ann).Group.EpochAuthenticator.ToArray(), StateOf(Bob).Group.EpochAuthenticator.ToArray());
        foreach (var person in Both)
        {
            var (counter, other) = (RecordOf(person).Counter, Other(person));
            await other.Client.UntilAsync(() => Task.FromResult(RecordOf(other).PeerCounters is [{ } only] && only.Last == counter)).WaitAsync(TestPerson.Patience);
            Assert.DoesNotContain(NoticesOf(person), kind => kind is NoticeKind.MessagesMissing or NoticeKind.NotOpened or NoticeKind.ForkHint);
        }
    }

    public static List<NoticeKind> NoticesOf(TestPerson person)
    {
        lock (person.Seen)
            return [.. person.Seen.OfType<NoticeRaised>().Select(notice => notice.Kind)];
    }

    public static Task NoticeAsync(TestPerson person, NoticeKind kind) => person.SeesAsync(happened => happened is NoticeRaised notice && notice.Kind == kind);

    /// <summary>Changes what a stopped person has stored of the conversation.</summary>
    public static async Task EditAsync(TestPerson stopped, Func<ConversationRecord, ConversationRecord> change)
    {
        var store = stopped.Store.Reopen();
        var stored = Assert.Single(await store.ReadAsync(StoreTable.Conversations, default));
        var record = JsonSerializer.Deserialize(stored.Value, StoreJson.Default.ConversationRecord)!;
        await store.CommitAsync(ClientState.Save(new(), change(record)));
    }

    /// <summary>A post to the channel by a member who is none of ours.</summary>
    public static async Task PostAsync(TestPerson member, Action<Post> change)
    {
        var own = member.Client.State.Relays.Values.Single();
        var (record, group) = (RecordOf(member), StateOf(member).Group);
        await using var relay = await new HttpRelays(TestPerson.Crypto, TimeProvider.System).ConnectAsync(own.Endpoint, 0, CancellationToken.None);
        await using var stream = await relay.OpenStreamAsync(CancellationToken.None);
        var post = new Post
        {
            Channel = record.Channel.ToWire(),
            LastNumber = group.Epoch.Value,
            EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(group, record.Channel)),
            Kind = EntryKind.Application,
            IdempotencyId = Fresh.Sixteen(TestPerson.Crypto).ToWire(),
            Capability = ChannelKeys.WriteCapability(group, record.Channel).ToWire(),
            Payload = ByteString.CopyFrom(Fresh.Bytes(TestPerson.Crypto, 512)),
        };
        change(post);
        await stream.AskAsync(new() { Post = post }, CancellationToken.None).WaitAsync(TestPerson.Patience);
    }

    /// <summary>The relay takes it, and nobody can open it: the channel is dead.</summary>
    public static Task PostVoidCommitAsync(TestPerson member) => PostAsync(member, post =>
    {
        post.Kind = EntryKind.Commit;
        post.Commit = new() { Number = StateOf(member).Group.Epoch.Value + 1, NextWriteCapabilityHash = Fresh.ThirtyTwo(TestPerson.Crypto).HashToWire() };
    });
}
