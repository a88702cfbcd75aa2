using Google.Protobuf;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Repairing;

/// <summary>What another history of the conversation would explain is said, and nothing else happens: relay or member can make it up.</summary>
public sealed class ForkHintTests : IAsyncLifetime
{
    private TestPair _pair = null!;

    public async ValueTask InitializeAsync() => _pair = await TestPair.StartAsync();

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task Another_epoch_under_a_known_number_is_said_and_nothing_else() =>
        await IsHintAsync(() => TestPair.PostAsync(_pair.Bob, post => post.EpochTag = ByteString.CopyFrom(Fresh.Bytes(TestPerson.Crypto, 8))));

    [Fact]
    public async Task A_message_of_a_known_epoch_that_does_not_open_is_said_and_nothing_else()
    {
        var seen = await SentAsync();
        await IsHintAsync(() => TestPair.PostAsync(_pair.Bob, post =>
        {
            var changed = seen.ToByteArray();
            changed[^1] ^= 1;
            post.Payload = ByteString.CopyFrom(changed);
        }));
    }

    private async Task IsHintAsync(Func<Task> post)
    {
        var (group, epoch) = (TestPair.RecordOf(_pair.Ann).Group, TestPair.StateOf(_pair.Ann).Group.Epoch);
        await post();
        await TestPair.NoticeAsync(_pair.Ann, NoticeKind.ForkHint);
        await (await _pair.Bob.OnlyConversationAsync()).SendAsync("we go on");
        await TestPair.HasAsync(_pair.Ann, "we go on");

        Assert.Single(TestPair.NoticesOf(_pair.Ann), kind => kind is not NoticeKind.KeysRenewed);
        Assert.Equal(group, TestPair.RecordOf(_pair.Ann).Group);
        Assert.Equal(epoch, TestPair.StateOf(_pair.Ann).Group.Epoch);
        Assert.False((await _pair.Ann.OnlyConversationAsync()).IsStopped);
    }

    /// <summary>A payload of Bob's that Ann can open, and that was never posted.</summary>
    private async Task<ByteString> SentAsync()
    {
        using (await _pair.Bob.Client.State.EnterAsync(CancellationToken.None))
        {
            using var prepared = TestPair.StateOf(_pair.Bob).Group.PrepareMessage(new byte[64], null);
            return ByteString.CopyFrom(prepared.Outgoing.Span);
        }
    }
}
