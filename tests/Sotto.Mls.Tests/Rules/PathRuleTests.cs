using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Paths of commits (RFC 9420 §7.4 to §7.6, §12.4.2).</summary>
public sealed class PathRuleTests : RuleTest
{
    [Theory]
    [InlineData("nothing")]
    [InlineData("Remove")]
    [InlineData("Update")]
    [InlineData("GroupContextExtensions")]
    [Trait("Rule", nameof(MlsRule.PathRequired))]
    public void A_commit_without_the_path_that_its_proposals_need_is_refused(string of)
    {
        if (of == "Update")
        {
            var update = Charlie.ProposeUpdate();
            Alice.Receive<ReceivedProposal>(update);
            Bob.Receive<ReceivedProposal>(update);
        }

        Refuses(MlsRule.PathRequired, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Proposals = of switch
            {
                "Remove" => [new RemoveProposal(Charlie.Group.OwnIndex)],
                "GroupContextExtensions" => [new GroupContextExtensionsProposal(Extensions.ExtensionList.Empty)],
                _ => [],
            },
            Listed = [.. Alice.Group.Memory.Queue.Waiting.Select(waiting => new ProposalOrReference(null, waiting.Reference))],
            WithPath = !broken,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.PathRequired))]
    public void An_external_commit_without_a_path_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.PathRequired, Bob, broken => new RawCommit(Alice.Group, dave) { Joins = true, WithPath = !broken }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.PathRequired))]
    public void Adds_and_pre_shared_keys_need_no_path()
    {
        Alice.Psks.External["01"] = Bob.Psks.External["01"] = new byte[32];
        var psk = new PreSharedKeyProposal(new Schedule.ExternalPskId(new byte[] { 1 }, new byte[32]));
        Bob.Receive<ReceivedCommit>(new RawCommit(Alice.Group, Alice) { Proposals = [AddOf(New("Dave")), psk], WithPath = false }.Make());
    }

    [Theory]
    [InlineData("one more")]
    [InlineData("one fewer")]
    [InlineData("none")]
    [Trait("Rule", nameof(MlsRule.PathLength))]
    public void A_path_of_another_length_is_refused(string how) => RefusesNodes(MlsRule.PathLength, (nodes, _) => how switch
    {
        "one more" => [.. nodes, nodes[0] with { EncryptionKey = FreshKey() }],
        "one fewer" => [nodes[0]],
        _ => [],
    });

    [Theory]
    [InlineData("one more")]
    [InlineData("one fewer")]
    [InlineData("none for somebody else")]
    [Trait("Rule", nameof(MlsRule.PathCiphertexts))]
    public void A_path_with_another_number_of_ciphertexts_is_refused(string how)
    {
        var dave = New("Dave");
        var (add, _) = Alice.Add((dave, KeyPackageOf(dave)));
        Bob.Receive<ReceivedCommit>(add);
        RefusesNodes(MlsRule.PathCiphertexts, (nodes, _) => how switch
        {
            "one more" => [nodes[0], nodes[1] with { EncryptedPathSecrets = [.. nodes[1].EncryptedPathSecrets, nodes[1].EncryptedPathSecrets[0]] }],
            "one fewer" => [nodes[0], nodes[1] with { EncryptedPathSecrets = [.. nodes[1].EncryptedPathSecrets.Skip(1)] }],
            _ => [nodes[0], nodes[1] with { EncryptedPathSecrets = [] }],
        });
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.PathCiphertexts))]
    public void A_path_that_is_encrypted_to_who_is_added_by_the_same_commit_is_refused()
    {
        var dave = New("Dave");
        var keys = KeyPackageOf(dave);
        Refuses(MlsRule.PathCiphertexts, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Proposals = [new AddProposal(keys.KeyPackage)],
            Nodes = (nodes, work) => !broken ? nodes :
            [
                .. nodes.SkipLast(1),
                nodes[^1] with { EncryptedPathSecrets = [.. nodes[^1].EncryptedPathSecrets, EncryptTo(work, new LeafIndex(3).Node, nodes.Count - 1)] },
            ],
        }.Make());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.PathParentHash))]
    public void A_path_whose_leaf_has_another_parent_hash_is_refused(int length) => Refuses(MlsRule.PathParentHash, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Leaf = leaf => broken ? leaf with { ParentHash = leaf.ParentHash.ToArray().Append((byte)0).Select((b, i) => i == 0 ? (byte)(b ^ 1) : b).Take(length).ToArray() } : leaf,
    }.Make());

    [Theory]
    [InlineData("a member's")]
    [InlineData("the own leaf's")]
    [InlineData("each other's")]
    [Trait("Rule", nameof(MlsRule.PathKeysNew))]
    public void A_path_with_a_key_that_is_in_the_tree_is_refused(string whose) => Refuses(MlsRule.PathKeysNew, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        PathKeys = keys => !broken ? keys : whose switch
        {
            "a member's" => [keys[0], Charlie.Group.OwnLeaf.EncryptionKey],
            "the own leaf's" => [keys[0], Alice.Group.OwnLeaf.EncryptionKey],
            _ => [keys[0], keys[0]],
        },
    }.Make());

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [Trait("Rule", nameof(MlsRule.UsablePathKey))]
    public void A_path_with_a_key_that_nobody_can_encrypt_to_is_refused(int zeros) => Refuses(MlsRule.UsablePathKey, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        PathKeys = keys => broken ? [keys[0], new byte[zeros]] : keys,
    }.Make());

    [Theory]
    [InlineData("flipped ciphertext")]
    [InlineData("short ciphertext")]
    [InlineData("encapsulation of no key")]
    [InlineData("long encapsulation")]
    [InlineData("another context")]
    [Trait("Rule", nameof(MlsRule.PathSecretOpens))]
    public void A_path_secret_that_does_not_open_is_refused(string how) => RefusesNodes(MlsRule.PathSecretOpens, (nodes, work) =>
    {
        var good = nodes[0].EncryptedPathSecrets[0];
        HpkeCiphertext bad = how switch
        {
            "flipped ciphertext" => good with { Ciphertext = Flipped(good.Ciphertext) },
            "short ciphertext" => good with { Ciphertext = good.Ciphertext[..16] },
            "encapsulation of no key" => good with { Encapsulation = new byte[32] },
            "long encapsulation" => good with { Encapsulation = new byte[] { 0 }.Concat(good.Encapsulation.ToArray()).ToArray() },
            _ => EncryptTo(work with { Provisional = Alice.Group.Context }, Bob.Group.OwnIndex.Node, 0),
        };
        return [nodes[0] with { EncryptedPathSecrets = [bad] }, nodes[1]];
    });

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.PathSecretLength))]
    public void A_path_secret_of_another_length_is_refused(int length) => RefusesNodes(MlsRule.PathSecretLength, (nodes, work) =>
    {
        var bad = Crypto.EncryptWithLabel(
            work.Tree[Bob.Group.OwnIndex.Node]!.EncryptionKey.Span, "UpdatePathNode"u8, work.Provisional.Encoded,
            [.. work.Secrets.Secrets[0].Bytes.ToArray().Append((byte)0).Take(length)]);
        return [nodes[0] with { EncryptedPathSecrets = [bad] }, nodes[1]];
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [Trait("Rule", nameof(MlsRule.PathPublicKeys))]
    public void A_path_whose_keys_do_not_come_from_its_secrets_is_refused(int place) => Refuses(MlsRule.PathPublicKeys, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        PathKeys = keys => !broken ? keys : [.. keys.Select((key, i) => i == place ? FreshKey() : key)],
    }.Make());

    private static ReadOnlyMemory<byte> FreshKey()
    {
        using var key = Crypto.Hpke.GeneratePrivateKey();
        return Crypto.Hpke.PublicKey(key.Bytes);
    }

    private static HpkeCiphertext EncryptTo(PathWork work, int node, int step) => Crypto.EncryptWithLabel(
        work.Tree[node]!.EncryptionKey.Span, "UpdatePathNode"u8, work.Provisional.Encoded, work.Secrets.Secrets[step].Bytes);

    private void RefusesNodes(MlsRule rule, Func<IReadOnlyList<UpdatePathNode>, PathWork, IReadOnlyList<UpdatePathNode>> change) =>
        Refuses(rule, Bob, broken => new RawCommit(Alice.Group, Alice) { Nodes = (nodes, work) => broken ? change(nodes, work) : nodes }.Make());

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes) => [.. bytes.Span[..^1], (byte)(bytes.Span[^1] ^ 1)];
}
