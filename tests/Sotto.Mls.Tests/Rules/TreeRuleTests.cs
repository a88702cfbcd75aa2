using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>
/// The structure of a tree that is joined (RFC 9420 §7.9.2, §12.4.3.1). The group has six members in a tree of eight leaves,
/// all of whose parents above them are set: 1, 3, 5, 7, 9 and 11, the last two with nobody on their right.
/// </summary>
public sealed class TreeRuleTests : RuleTest
{
    private readonly Person[] _people;

    public TreeRuleTests()
    {
        _people = Gather([.. Enumerable.Range(0, 6).Select(i => New($"person {i}"))]);
        foreach (var committer in new[] { 2, 4, 0 })
        {
            var (commit, _) = _people[committer].Commit();
            foreach (var other in _people.Where(other => other != _people[committer]))
                other.Receive<ReceivedCommit>(commit);
        }
    }

    [Theory]
    [InlineData(new uint[] { 5, 4 })]
    [InlineData(new uint[] { 4, 4 })]
    [Trait("Rule", nameof(MlsRule.UnmergedLeavesSorted))]
    public void Unmerged_leaves_out_of_order_or_twice_are_refused(uint[] unmerged) =>
        Refuses(MlsRule.UnmergedLeavesSorted, info => info.ChangeParent(7, parent => parent.WithUnmerged(unmerged)));

    [Theory]
    [InlineData(2u)]
    [InlineData(8u)]
    [InlineData(uint.MaxValue)]
    [Trait("Rule", nameof(MlsRule.UnmergedLeafBelow))]
    public void An_unmerged_leaf_elsewhere_is_refused(uint leaf) =>
        Refuses(MlsRule.UnmergedLeafBelow, info => info.ChangeParent(1, parent => parent.WithUnmerged([leaf])));

    [Fact]
    [Trait("Rule", nameof(MlsRule.UnmergedLeafOccupied))]
    public void An_unmerged_leaf_that_is_blank_is_refused() =>
        Refuses(MlsRule.UnmergedLeafOccupied, info => info.ChangeParent(7, parent => parent.WithUnmerged([6])));

    [Fact]
    [Trait("Rule", nameof(MlsRule.UnmergedLeafBetween))]
    public void An_unmerged_leaf_that_a_parent_between_leaves_out_is_refused() =>
        Refuses(MlsRule.UnmergedLeafBetween, info => info.ChangeParent(7, parent => parent.WithUnmerged([1])));

    [Theory]
    [InlineData(1, 3)]
    [InlineData(7, 0)]
    [Trait("Rule", nameof(MlsRule.UniqueParentKeys))]
    public void A_parent_with_the_key_of_another_node_is_refused(int node, int other) => Refuses(MlsRule.UniqueParentKeys, info =>
        info.ChangeParent(node, parent => new ParentNode(info.Nodes[other]!.EncryptionKey, parent.ParentHash, parent.Unmerged)));

    [Theory]
    [InlineData("another key")]
    [InlineData("another parent hash")]
    [InlineData("an unmerged leaf")]
    [InlineData("a parent of nobody's")]
    [Trait("Rule", nameof(MlsRule.ParentHashValid))]
    public void A_parent_that_no_chain_of_parent_hashes_covers_is_refused(string how) => Refuses(MlsRule.ParentHashValid, info =>
    {
        if (how == "a parent of nobody's")
            info.Nodes[9] = new ParentNode(FreshKey(), default, []);
        else
            info.ChangeParent(1, parent => how switch
            {
                "another key" => new ParentNode(FreshKey(), parent.ParentHash, parent.Unmerged),
                "another parent hash" => new ParentNode(parent.EncryptionKey, new byte[32], parent.Unmerged),
                _ => parent.WithUnmerged([0]),
            });
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.UniqueEncryptionKeys))]
    public void Two_members_with_one_encryption_key_are_refused_by_who_joins() => Refuses(MlsRule.UniqueEncryptionKeys, info =>
        info.ReplaceLeaf(1, leaf => leaf with { EncryptionKey = info.Nodes[6]!.EncryptionKey }, _people[1].SigningKey));

    [Fact]
    [Trait("Rule", nameof(MlsRule.UniqueSignatureKeys))]
    public void Two_members_with_one_signature_key_are_refused_by_who_joins() => Refuses(MlsRule.UniqueSignatureKeys, info =>
        info.ReplaceLeaf(1, leaf => leaf with { SignatureKey = _people[3].SigningKey.PublicKey.ToArray() }, _people[3].SigningKey));

    [Fact]
    [Trait("Rule", nameof(MlsRule.TreeSize))]
    public void A_tree_of_more_leaves_than_the_limit_is_refused()
    {
        var info = new RawGroupInfo(_people[0]).Encode();
        var eve = Own(new Person("Eve", limits: new MlsLimits { Leaves = 4 }));
        Refused(MlsRule.TreeSize, () => Join(eve, info));
        Join(Own(new Person("Eve", limits: new MlsLimits { Leaves = 8 })), info);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.TreeSize))]
    public void A_commit_that_makes_the_tree_larger_than_the_limit_is_refused()
    {
        var people = Gather(New("Ann"), Own(new Person("Ben", limits: new MlsLimits { Leaves = 2 })));
        Refuses(MlsRule.TreeSize, people[1], broken => new RawCommit(people[0].Group, people[0]) { Proposals = broken ? [AddOf(New("Eve"))] : [] }.Make());
    }

    private static ReadOnlyMemory<byte> FreshKey()
    {
        using var key = Crypto.Hpke.GeneratePrivateKey();
        return Crypto.Hpke.PublicKey(key.Bytes);
    }

    /// <summary>The tree, whose hash the context has and a member has signed, is refused with something changed and joined without.</summary>
    private void Refuses(MlsRule rule, Action<RawGroupInfo> change)
    {
        var eve = New("Eve");
        var bad = new RawGroupInfo(_people[0]);
        change(bad);
        var encoded = bad.Encode();
        Refused(rule, () => Join(eve, encoded));
        _people[1].Receive<ReceivedCommit>(eve.JoinExternally(MlsMessage.Decode(new RawGroupInfo(_people[0]).Encode()).GroupInfo!));
    }

    private static void Join(Person person, byte[] info) => person.Client.JoinExternally(
        MlsMessage.Decode(info).GroupInfo!, new ExternalJoinParameters(person.SigningKey, person.Credential)).Dispose();
}
