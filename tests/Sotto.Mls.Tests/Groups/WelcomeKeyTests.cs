using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;

namespace Sotto.Mls.Tests.Groups;

/// <summary>
/// A commit that adds somebody without a path depends on nothing random, so a commit that is given up and made again has the
/// same Welcome key. It must then encrypt the same bytes.
/// </summary>
public sealed class WelcomeKeyTests : IDisposable
{
    private readonly Person _alice = new("Alice");
    private readonly Person _bob = new("Bob");

    public WelcomeKeyTests() => _alice.Create();

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public void A_commit_that_is_given_up_and_made_again_gives_the_same_GroupInfo()
    {
        using var keys = _bob.NewKeyPackage();
        var add = _alice.AddOf(_bob, keys);
        Assert.Equal(EncryptedGroupInfo(new CommitParameters { Proposals = [add] }), EncryptedGroupInfo(new CommitParameters { Proposals = [add] }));
    }

    public static TheoryData<CommitParameters> OtherGroupInfos { get; } =
    [
        new CommitParameters { GroupInfoExtensions = new ExtensionList([new Extension(0xF100, new byte[] { 1 })]) },
        new CommitParameters { TreeInWelcome = false },
        new CommitParameters { ExternalPubInWelcome = true },
    ];

    [Theory]
    [MemberData(nameof(OtherGroupInfos))]
    public void A_GroupInfo_with_anything_else_comes_with_a_path_and_so_with_another_key(CommitParameters parameters)
    {
        using var keys = _bob.NewKeyPackage();
        using var commit = _alice.Group.PrepareCommit(parameters with { Proposals = [_alice.AddOf(_bob, keys)] }, Person.Now);
        Assert.True(commit.View.HasPath);
    }

    [Fact]
    public void What_an_outbox_stores_with_the_change_is_what_is_sent()
    {
        using var message = _alice.Group.PrepareMessage("hello"u8);
        Assert.Throws<InvalidOperationException>(() => message.Message);
        var stored = message.Outgoing.ToArray();
        message.Merge();
        Assert.Equal(stored, message.Message.Encoded.ToArray());
    }

    private byte[] EncryptedGroupInfo(CommitParameters parameters)
    {
        using var commit = _alice.Group.PrepareCommit(parameters, Person.Now);
        Assert.False(commit.View.HasPath);
        return commit.OutgoingWelcome!.EncryptedGroupInfo.ToArray();
    }
}
