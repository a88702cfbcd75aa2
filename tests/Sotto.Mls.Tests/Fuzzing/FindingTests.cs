using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Fuzzing;

/// <summary>What the fuzz targets found, one test each.</summary>
public sealed class FindingTests : IDisposable
{
    private readonly Person _alice = new("Alice");
    private readonly Person _bob = new("Bob");

    public FindingTests() => _alice.Create();

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.EpochsLeft))]
    public void A_group_in_the_last_epoch_cannot_be_joined_from_outside()
    {
        var context = _alice.Group.Context;
        var last = new GroupContext(
            context.CipherSuite, context.GroupId, new Epoch(ulong.MaxValue), context.TreeHash, context.ConfirmedTranscriptHash, context.Extensions);
        var content = _alice.Group.MakeGroupInfo().Content with { Context = last };
        var info = MlsMessage.Decode(MlsMessage.Of(GroupInfo.Sign(content, _alice.SigningKey)).Encoded.Span).GroupInfo!;
        var refused = Assert.Throws<MlsException>(() => _bob.Client.JoinExternally(info, new ExternalJoinParameters(_bob.SigningKey, _bob.Credential)));
        Assert.Equal(MlsRule.EpochsLeft, refused.Rule);
    }

    [Fact]
    public void A_GroupInfo_is_joined_as_it_was_made_without_its_bytes_being_read()
    {
        using var joining = _bob.Client.JoinExternally(_alice.Group.MakeGroupInfo(), new ExternalJoinParameters(_bob.SigningKey, _bob.Credential));
        Assert.Equal(new Epoch(0), _alice.Group.Epoch);
        joining.Merge();
        using var group = joining.Group;
        Assert.Equal(new Epoch(1), group.Epoch);
    }

    [Fact]
    public void Nothing_is_left_to_store_of_a_group_that_this_client_was_removed_from()
    {
        using var keys = _bob.NewKeyPackage();
        var (_, welcome) = _alice.Add((_bob, keys));
        _bob.Join(welcome!, keys);
        _bob.Receive<ReceivedCommit>(_alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(_bob.Group.OwnIndex)] }).Commit);
        using var state = _bob.Group.ExportState();
        Assert.Empty(state.Saved);
        Assert.Empty(_bob.RecordsThatDiffer());
    }
}
