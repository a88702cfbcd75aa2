using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Groups;

/// <summary>Mistakes of the application, which are told at once and change nothing.</summary>
public sealed class RefusedRequestTests : IDisposable
{
    private readonly Person _alice = new("Alice", limits: new MlsLimits { MessageLength = 1_000, ProposalLength = 1_000, CommitLength = 1_000 });

    public static TheoryData<ulong, ulong> Lifetimes { get; } = new()
    {
        { 0, ulong.MaxValue },
        { 2, 1 },
        { 1, 86_400 * 85 },
    };

    public void Dispose() => _alice.Dispose();

    [Theory]
    [MemberData(nameof(Lifetimes))]
    public void A_lifetime_that_joiners_would_refuse_makes_no_KeyPackage_and_no_group(ulong notBefore, ulong notAfter)
    {
        var lifetime = new Lifetime(notBefore, notAfter);
        Assert.Throws<ArgumentException>(() => _alice.Client.CreateKeyPackage(_alice.Suite, new KeyPackageParameters(_alice.SigningKey, _alice.Credential, lifetime)));
        Assert.Throws<ArgumentException>(() => _alice.Client.CreateGroup(new GroupParameters(_alice.Suite, new GroupId(new byte[1]), _alice.SigningKey, _alice.Credential, lifetime)));
    }

    [Fact]
    public void A_group_without_an_identifier_is_not_made() => Assert.Throws<ArgumentException>(() =>
        _alice.Client.CreateGroup(new GroupParameters(_alice.Suite, new GroupId(ReadOnlyMemory<byte>.Empty), _alice.SigningKey, _alice.Credential, Person.Lifetime)));

    [Fact]
    public void Nothing_is_framed_that_is_not_there()
    {
        Assert.Throws<ArgumentNullException>(() => MlsMessage.Of((Welcome)null!));
        Assert.Throws<ArgumentNullException>(() => MlsMessage.Of((GroupInfo)null!));
        Assert.Throws<ArgumentNullException>(() => MlsMessage.Of((KeyPackage)null!));
    }

    [Theory]
    [InlineData(1_001, 0, 0)]
    [InlineData(1, 1_000, 0)]
    [InlineData(1, 0, 1_000)]
    public void A_message_longer_than_the_limit_is_not_made(int data, int authenticated, int padding)
    {
        _alice.Create();
        var before = _alice.StateHash();
        var parameters = new MessageParameters { AuthenticatedData = new byte[authenticated], Padding = _ => padding };
        Assert.Throws<ArgumentException>(() => _alice.Group.PrepareMessage(new byte[data], parameters));
        Assert.Equal(before, _alice.StateHash());
    }

    [Fact]
    public void A_commit_longer_than_the_limit_is_not_made()
    {
        _alice.Create();
        var before = _alice.StateHash();
        var parameters = new CommitParameters { AuthenticatedData = new byte[1_000] };
        Assert.Throws<ArgumentException>(() => _alice.Group.PrepareCommit(parameters, Person.Now));
        Assert.Equal(before, _alice.StateHash());
    }

    [Fact]
    public void An_operation_is_not_merged_into_a_group_that_was_disposed()
    {
        _alice.Create();
        using var message = _alice.Group.PrepareMessage("hello"u8);
        _alice.Group.Dispose();
        Assert.Throws<ObjectDisposedException>(message.Merge);
    }
}
