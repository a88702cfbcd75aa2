using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Welcomes and GroupInfos (RFC 9420 §12.4.3).</summary>
public sealed class JoinRuleTests : RuleTest
{
    private readonly Person _dave;
    private readonly KeyPackageKeys _keys;
    private readonly Welcome _welcome;

    public JoinRuleTests()
    {
        _dave = New("Dave");
        _keys = KeyPackageOf(_dave);
        var (commit, welcome) = Alice.Commit(new CommitParameters { Proposals = [Alice.AddOf(_dave, _keys)], ForcePath = true });
        Bob.Receive<ReceivedCommit>(commit);
        _welcome = welcome!;
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.SuiteSupported))]
    public void A_Welcome_of_a_suite_that_the_client_does_not_have_is_refused() =>
        RefusesWelcome(MlsRule.SuiteSupported, welcome => welcome.Suite = new(0x7777));

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupContextVersion))]
    public void A_group_of_another_version_is_refused() =>
        RefusesWelcome(MlsRule.GroupContextVersion, welcome => welcome.Info.Fields = fields => [0, 2, .. fields[2..]]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", nameof(MlsRule.WelcomeForOwnKeyPackage))]
    public void A_Welcome_for_another_KeyPackage_is_refused(bool sameLength) => RefusesWelcome(
        MlsRule.WelcomeForOwnKeyPackage, welcome => welcome.Reference = sameLength ? new byte[32] : welcome.Reference[..31]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.WelcomeSuite))]
    public void A_Welcome_of_another_suite_than_the_KeyPackages_is_refused() => RefusesWelcome(MlsRule.WelcomeSuite, welcome => welcome.Suite = new(3));

    [Theory]
    [InlineData("flipped")]
    [InlineData("short")]
    [InlineData("encapsulation of no key")]
    [InlineData("another GroupInfo")]
    [Trait("Rule", nameof(MlsRule.WelcomeSecretsOpen))]
    public void Group_secrets_that_do_not_open_are_refused(string how) => RefusesWelcome(MlsRule.WelcomeSecretsOpen, welcome => welcome.Secrets = good => how switch
    {
        "flipped" => good with { Ciphertext = Flipped(good.Ciphertext) },
        "short" => good with { Ciphertext = good.Ciphertext[..16] },
        "encapsulation of no key" => good with { Encapsulation = new byte[32] },
        _ => Crypto.EncryptWithLabel(_keys.KeyPackage.InitKey.Span, "Welcome"u8, new byte[64], new byte[64]),
    });

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(0)]
    [Trait("Rule", nameof(MlsRule.WelcomeJoinerSecretLength))]
    public void A_joiner_secret_of_another_length_is_refused(int length) =>
        RefusesWelcome(MlsRule.WelcomeJoinerSecretLength, welcome => welcome.Joiner = [.. welcome.Joiner.Append((byte)0).Take(length)]);

    [Theory]
    [InlineData(31)]
    [InlineData(0)]
    [Trait("Rule", nameof(MlsRule.WelcomePskNonceLength))]
    public void A_Welcome_with_a_PSK_nonce_of_another_length_is_refused(int length) =>
        RefusesWelcome(MlsRule.WelcomePskNonceLength, welcome => AddPsk(welcome, new byte[length]), welcome => AddPsk(welcome, new byte[32]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.WelcomePsksDiffer))]
    public void A_Welcome_that_names_a_PSK_twice_is_refused() => RefusesWelcome(
        MlsRule.WelcomePsksDiffer,
        welcome =>
        {
            AddPsk(welcome, new byte[32]);
            AddPsk(welcome, new byte[32]);
        },
        welcome => AddPsk(welcome, new byte[32]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.PskAvailable))]
    public void A_Welcome_with_a_PSK_that_is_not_there_is_refused() => RefusesWelcome(MlsRule.PskAvailable, welcome =>
    {
        welcome.Psks.Add(new ExternalPskId(new byte[] { 9 }, new byte[32]));
        welcome.PskKeys.Add(new byte[32]);
    });

    [Theory]
    [InlineData("flipped")]
    [InlineData("short")]
    [Trait("Rule", nameof(MlsRule.WelcomeInfoOpens))]
    public void A_GroupInfo_that_does_not_open_is_refused(string how) => RefusesWelcome(
        MlsRule.WelcomeInfoOpens, welcome => welcome.EncryptedInfo = info => how == "short" ? info[..3] : [.. info[..^1], (byte)(info[^1] ^ 1)]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.WelcomeFromOther))]
    public void A_Welcome_that_who_joins_has_signed_is_refused() => RefusesWelcome(MlsRule.WelcomeFromOther, welcome =>
    {
        welcome.Info.Signer = new LeafIndex(3);
        welcome.Info.SigningKey = _dave.SigningKey;
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.WelcomePathKeys))]
    public void A_path_secret_that_gives_other_keys_than_the_tree_has_is_refused() =>
        RefusesWelcome(MlsRule.WelcomePathKeys, welcome => welcome.PathSecret = new byte[32]);

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.PathSecretLength))]
    public void A_path_secret_of_another_length_in_a_Welcome_is_refused(int length) =>
        RefusesWelcome(MlsRule.PathSecretLength, welcome => welcome.PathSecret = [.. welcome.PathSecret!.Append((byte)0).Take(length)]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupInfoSuite))]
    public void A_GroupInfo_of_another_suite_than_the_Welcomes_is_refused() => RefusesWelcome(MlsRule.GroupInfoSuite, welcome => welcome.Info.Suite = new(3));

    [Theory]
    [InlineData(2u)]
    [InlineData(4u)]
    [InlineData(uint.MaxValue)]
    [Trait("Rule", nameof(MlsRule.GroupInfoSigner))]
    public void A_GroupInfo_that_nobody_signed_is_refused(uint leaf) => RefusesWelcome(MlsRule.GroupInfoSigner, welcome =>
    {
        if (leaf == 2)
        {
            // A tree in which Charlie's place is blank.
            BlankParents(welcome.Info);
            welcome.Info.Nodes[4] = null;
        }

        welcome.Info.Signer = new LeafIndex(leaf);
    });

    [Theory]
    [InlineData("another key")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [Trait("Rule", nameof(MlsRule.GroupInfoSignature))]
    public void A_GroupInfo_whose_signature_is_not_its_signers_is_refused(string how) => RefusesWelcome(MlsRule.GroupInfoSignature, welcome =>
    {
        if (how == "another key")
            welcome.Info.SigningKey = Bob.SigningKey;
        else
            welcome.Info.Signature = signature => how == "empty" ? [] : [(byte)(signature[0] ^ 1), .. signature[1..]];
    });

    [Theory]
    [InlineData("flipped")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("empty")]
    [Trait("Rule", nameof(MlsRule.GroupInfoConfirmationTag))]
    public void A_GroupInfo_with_a_wrong_confirmation_tag_is_refused(string how) => RefusesWelcome(
        MlsRule.GroupInfoConfirmationTag, welcome => welcome.ConfirmationTag = tag => how switch
        {
            "flipped" => [(byte)(tag[0] ^ 1), .. tag[1..]],
            "shorter" => tag[..^1],
            "longer" => [.. tag, 0],
            _ => [],
        });

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupIdNew))]
    public void A_group_that_the_client_is_in_is_not_joined_again()
    {
        var inGroup = false;
        var eve = Own(new Person("Eve", isInGroup: _ => inGroup));
        var keys = KeyPackageOf(eve);
        var (commit, welcome) = Alice.Add((eve, keys));
        Bob.Receive<ReceivedCommit>(commit);
        eve.Join(welcome!, keys);
        inGroup = true;
        var info = Alice.Group.MakeGroupInfo();
        Refused(MlsRule.GroupIdNew, () => eve.Client.Join(welcome!, keys).Dispose(), unchanged: eve);
        Refused(MlsRule.GroupIdNew, () => eve.Client.JoinExternally(info, new ExternalJoinParameters(eve.SigningKey, eve.Credential)).Dispose(), unchanged: eve);
        var resync = eve.JoinExternally(info, new ExternalJoinParameters(eve.SigningKey, eve.Credential) { Replaces = eve.Group.OwnIndex });
        Bob.Receive<ReceivedCommit>(resync);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.OwnSupportOfExtensions))]
    public void A_group_with_an_extension_that_the_client_does_not_have_is_refused() => RefusesWelcome(
        MlsRule.OwnSupportOfExtensions, welcome => welcome.Info.ContextExtensions = new ExtensionList([new Extension(0xF0F0, default)]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.TreePresent))]
    public void A_group_whose_tree_is_nowhere_is_refused() => RefusesWelcome(MlsRule.TreePresent, welcome => welcome.Info.TreeBytes = []);

    [Fact]
    [Trait("Rule", nameof(MlsRule.OwnLeafInTree))]
    public void A_group_without_the_KeyPackages_leaf_is_refused() => RefusesWelcome(MlsRule.OwnLeafInTree, welcome =>
    {
        // A leaf with the same keys that differs in one second of its lifetime, in a tree without parents.
        BlankParents(welcome.Info);
        welcome.PathSecret = null;
        welcome.Info.ReplaceLeaf(3, leaf => leaf with { Lifetime = new Lifetime(leaf.Lifetime.NotBefore, leaf.Lifetime.NotAfter - 1) }, _dave.SigningKey);
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalPubPresent))]
    public void A_group_without_an_external_key_is_not_joined_by_a_commit() => RefusesInfo(MlsRule.ExternalPubPresent, info => info.ExternalPub = null);

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [Trait("Rule", nameof(MlsRule.UsableExternalPub))]
    public void An_external_key_that_nobody_can_encrypt_to_is_refused(int zeros) =>
        RefusesInfo(MlsRule.UsableExternalPub, info => info.ExternalPub = [(byte)zeros, .. new byte[zeros]]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupInfoSignature))]
    public void A_GroupInfo_for_who_joins_by_a_commit_is_signed_by_a_member() =>
        RefusesInfo(MlsRule.GroupInfoSignature, info => info.SigningKey = _dave.SigningKey);

    [Fact]
    [Trait("Rule", nameof(MlsRule.TreeHashMatches))]
    public void A_tree_that_is_not_the_contexts_is_refused() => RefusesInfo(MlsRule.TreeHashMatches, info => info.TreeHash = new byte[32]);

    [Theory]
    [InlineData("empty")]
    [InlineData("trailing blank")]
    [Trait("Rule", nameof(MlsRule.NoTrailingBlanks))]
    public void A_tree_that_ends_with_a_blank_is_refused(string how) => RefusesInfo(MlsRule.NoTrailingBlanks, info =>
        info.TreeBytes = how == "empty" ? [0] : TreeOf([.. NodesOf(info.EncodeTree()), 0, 0]));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Rule", nameof(MlsRule.NodeTypeFitsPlace))]
    public void A_node_of_the_wrong_kind_is_refused(byte type) => RefusesInfo(MlsRule.NodeTypeFitsPlace, info =>
    {
        var nodes = NodesOf(info.EncodeTree());
        nodes[1] = type;
        info.TreeBytes = TreeOf(nodes);
    });

    [Theory]
    [InlineData("signature")]
    [InlineData("version")]
    [InlineData("place")]
    [Trait("Rule", nameof(MlsRule.LeafSignature))]
    public void A_member_whose_leaf_is_invalid_is_refused_by_who_joins(string what) => RefusesInfo(
        what == "version" ? MlsRule.LeafSupportsVersion : MlsRule.LeafSignature,
        info => info.ReplaceLeaf(
            1,
            leaf => what == "version" ? leaf with { Capabilities = leaf.Capabilities with { Versions = [] } } : leaf with { Source = LeafNodeSource.Update },
            what == "signature" ? Charlie.SigningKey : Bob.SigningKey,
            what == "place" ? new LeafIndex(2) : null));

    [Fact]
    [Trait("Rule", nameof(MlsRule.LifetimeLength))]
    public void A_member_whose_leaf_lives_too_long_is_refused_by_who_joins() => RefusesInfo(
        MlsRule.LifetimeLength, info => info.ReplaceLeaf(1, leaf => leaf with { Lifetime = new Lifetime(0, ulong.MaxValue) }, Bob.SigningKey));

    [Fact]
    [Trait("Rule", nameof(MlsRule.RequiredCapabilitiesMet))]
    public void A_member_that_does_not_meet_the_requirements_is_refused_by_who_joins() => RefusesInfo(
        MlsRule.RequiredCapabilitiesMet, info => info.ContextExtensions = new ExtensionList([new RequiredCapabilities([], [0xF0F0], []).ToExtension()]));

    /// <summary>The Welcome is refused with something changed, and joined without.</summary>
    private void RefusesWelcome(MlsRule rule, Action<RawWelcome> change, Action<RawWelcome>? good = null)
    {
        _dave.Psks.External["01"] = new byte[32];
        var bad = new RawWelcome(Alice, _welcome, _keys);
        change(bad);
        var encoded = bad.Encode();
        Refused(rule, () => _dave.Client.Join(MlsMessage.Decode(encoded).Welcome!, _keys).Dispose());
        var right = new RawWelcome(Alice, _welcome, _keys);
        good?.Invoke(right);
        _dave.Join(MlsMessage.Decode(right.Encode()).Welcome!, _keys);
    }

    /// <summary>The GroupInfo is refused by who would join by a commit with something changed, and joined without.</summary>
    private void RefusesInfo(MlsRule rule, Action<RawGroupInfo> change)
    {
        var eve = New("Eve");
        var bad = new RawGroupInfo(Alice);
        change(bad);
        var encoded = bad.Encode();
        Refused(rule, () => eve.Client.JoinExternally(MlsMessage.Decode(encoded).GroupInfo!, new ExternalJoinParameters(eve.SigningKey, eve.Credential)).Dispose());
        Bob.Receive<ReceivedCommit>(eve.JoinExternally(MlsMessage.Decode(new RawGroupInfo(Alice).Encode()).GroupInfo!));
    }

    private static void AddPsk(RawWelcome welcome, byte[] nonce)
    {
        welcome.Psks.Add(new ExternalPskId(new byte[] { 1 }, nonce));
        welcome.PskKeys.Add(new byte[32]);
    }

    private static void BlankParents(RawGroupInfo info)
    {
        for (var node = 1; node < info.Nodes.Length; node += 2)
            info.Nodes[node] = null;
    }

    private static byte[] NodesOf(byte[] tree)
    {
        var reader = new TlsReader(tree);
        return reader.ReadVector().ToArray();
    }

    private static byte[] TreeOf(byte[] nodes) => TlsWriter.Encode(writer => writer.WriteVector(nodes));

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes) => [.. bytes.Span[..^1], (byte)(bytes.Span[^1] ^ 1)];
}
