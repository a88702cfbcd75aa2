using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Properties;

/// <summary>What the random runs found, one test each.</summary>
public sealed class FindingTests : IDisposable
{
    private readonly Person _alice = new("Alice");
    private readonly Person _bob = new("Bob");
    private readonly Person _charlie = new("Charlie");

    public FindingTests()
    {
        _alice.Create();
        using var keys = _bob.NewKeyPackage();
        _bob.Join(_alice.Add((_bob, keys)).Welcome!, keys);
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _charlie.Dispose();
    }

    [Fact]
    public void An_own_proposal_that_nobody_got_does_not_part_the_group_when_it_is_committed()
    {
        using var keys = _charlie.NewKeyPackage();
        _alice.Propose(_alice.AddOf(_charlie, keys));
        _alice.Restart();
        var (commit, welcome) = _alice.Commit();
        _bob.Receive<ReceivedCommit>(commit);
        _charlie.Join(welcome!, keys);
        Assert.Equal(_alice.Group.EpochAuthenticator.ToArray(), _bob.Group.EpochAuthenticator.ToArray());
        Assert.Equal(_alice.Group.EpochAuthenticator.ToArray(), _charlie.Group.EpochAuthenticator.ToArray());
    }

    [Fact]
    public void The_same_public_proposal_made_twice_waits_and_is_stored_once()
    {
        var proposal = new GroupContextExtensionsProposal(ExtensionList.Empty);
        var parameters = new MessageParameters { Encrypt = false };
        Assert.Equal(_alice.Propose(proposal, parameters).Encoded.ToArray(), _alice.Propose(proposal, parameters).Encoded.ToArray());
        Assert.Single(_alice.Group.WaitingProposals);
        Assert.Empty(_alice.RecordsThatDiffer());
    }

    [Fact]
    public void A_commit_without_a_path_that_is_made_again_encrypts_the_same_GroupInfo_under_the_same_key()
    {
        using var keys = _charlie.NewKeyPackage();
        var parameters = new CommitParameters { Proposals = [_alice.AddOf(_charlie, keys)] };
        var first = _alice.PrepareCommit(parameters);
        _alice.DropPending();
        var again = _alice.PrepareCommit(parameters);
        Assert.Equal(first.Welcome!.EncryptedGroupInfo.ToArray(), again.Welcome!.EncryptedGroupInfo.ToArray());
        _alice.DropPending();
        var withPath = _alice.PrepareCommit(parameters with { ForcePath = true });
        Assert.NotEqual(first.Welcome.EncryptedGroupInfo.ToArray(), withPath.Welcome!.EncryptedGroupInfo.ToArray());
    }
}
