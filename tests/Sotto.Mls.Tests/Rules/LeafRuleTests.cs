using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Leaves of paths and Updates (RFC 9420 §7.2, §7.3).</summary>
public sealed class LeafRuleTests : RuleTest
{
    private const ushort Unsupported = 0xF0F0;

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [Trait("Rule", nameof(MlsRule.KnownLeafNodeSource))]
    public void A_leaf_of_an_unknown_source_is_refused(byte source) =>
        RefusesPath(MlsRule.KnownLeafNodeSource, leaf => leaf with { Source = (LeafNodeSource)source });

    [Theory]
    [InlineData("another key")]
    [InlineData("another group")]
    [InlineData("another place")]
    [Trait("Rule", nameof(MlsRule.LeafSignature))]
    public void A_path_whose_leaf_is_signed_for_something_else_is_refused(string how) => Refuses(MlsRule.LeafSignature, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Leaf = leaf => broken && how == "another key" ? leaf with { SignatureKey = Key(Charlie) } : leaf,
        LeafGroup = broken && how == "another group" ? new GroupId("other"u8.ToArray()) : null,
        LeafPlace = broken && how == "another place" ? new LeafIndex(1) : null,
    }.Make());

    [Theory]
    [InlineData("another key")]
    [InlineData("another group")]
    [InlineData("another place")]
    [Trait("Rule", nameof(MlsRule.LeafSignature))]
    public void An_Update_whose_leaf_is_signed_for_something_else_is_refused(string how) => Refuses(MlsRule.LeafSignature, Bob, broken => Update(
        leaf => broken && how == "another key" ? leaf with { SignatureKey = Key(Charlie) } : leaf,
        broken && how == "another group" ? new GroupId("other"u8.ToArray()) : null,
        broken && how == "another place" ? new LeafIndex(1) : null));

    [Fact]
    [Trait("Rule", nameof(MlsRule.LeafSignature))]
    public void An_Add_whose_leaf_is_signed_by_somebody_else_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.LeafSignature, Bob, broken => Adds(new RawKeyPackage(dave) { LeafKey = broken ? Charlie.SigningKey : null }));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.LeafSupportsVersion))]
    public void A_leaf_that_does_not_support_the_version_is_refused() =>
        RefusesPath(MlsRule.LeafSupportsVersion, leaf => leaf with { Capabilities = leaf.Capabilities with { Versions = [2] } });

    [Fact]
    [Trait("Rule", nameof(MlsRule.LeafSupportsOwnCredential))]
    public void A_leaf_that_does_not_support_its_own_credential_is_refused() =>
        RefusesPath(MlsRule.LeafSupportsOwnCredential, leaf => leaf with { Capabilities = leaf.Capabilities with { Credentials = [CredentialTypes.X509] } });

    [Fact]
    [Trait("Rule", nameof(MlsRule.LeafSupportsOwnExtensions))]
    public void A_leaf_that_does_not_support_its_own_extension_is_refused() =>
        RefusesPath(MlsRule.LeafSupportsOwnExtensions, leaf => leaf with { Extensions = new ExtensionList([new Extension(Unsupported, new byte[1])]) });

    [Theory]
    [InlineData("extension")]
    [InlineData("proposal")]
    [InlineData("credential")]
    [Trait("Rule", nameof(MlsRule.RequiredCapabilitiesMet))]
    public void Requirements_that_a_member_does_not_meet_are_refused(string of)
    {
        var required = new RequiredCapabilities(
            of == "extension" ? [Unsupported] : [], of == "proposal" ? [Unsupported] : [], of == "credential" ? [Unsupported] : [1]);
        RefusesExtension(MlsRule.RequiredCapabilitiesMet, required.ToExtension(), new RequiredCapabilities([], [], [1]).ToExtension());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.RequiredCapabilitiesMet))]
    public void An_added_client_that_does_not_meet_the_requirements_is_refused()
    {
        var required = new RequiredCapabilities([], [ProposalTypes.SelfRemove], []);
        var ben = Gather(new ExtensionList([required.ToExtension()]), New("Ann"), New("Ben"));
        var (able, unable) = (New("Dave"), Own(new Person("Eve", proposals: [])));
        Refuses(MlsRule.RequiredCapabilitiesMet, ben[1], broken => new RawCommit(ben[0].Group, ben[0]) { Proposals = [AddOf(broken ? unable : able)] }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupExtensionsSupported))]
    public void A_group_extension_that_a_member_does_not_support_is_refused() => RefusesExtension(
        MlsRule.GroupExtensionsSupported, new Extension(Unsupported, new byte[1]), new RequiredCapabilities([], [], []).ToExtension());

    [Fact]
    [Trait("Rule", nameof(MlsRule.CredentialTypesSupported))]
    public void A_credential_of_a_type_that_another_member_does_not_support_is_refused()
    {
        var reader = new TlsReader(new byte[] { 0xF0, 0xF0, 1, 1 });
        var credential = Credential.Read(ref reader);
        RefusesPath(MlsRule.CredentialTypesSupported, leaf => leaf with
        {
            Credential = credential,
            Capabilities = leaf.Capabilities with { Credentials = [CredentialTypes.Basic, Unsupported] },
        });
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CredentialTypesSupported))]
    public void A_leaf_that_does_not_support_the_credentials_of_others_is_refused()
    {
        IReadOnlyList<ushort> both = [CredentialTypes.Basic, CredentialTypes.X509];
        var people = Gather(Own(new Person("Ann", credentials: both)), Own(new Person("Ben", credentials: both)));
        var reader = new TlsReader(new byte[] { 0, 2, 0 });
        var credential = Credential.Read(ref reader);
        Refuses(MlsRule.CredentialTypesSupported, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Leaf = leaf => leaf with { Credential = credential, Capabilities = leaf.Capabilities with { Credentials = broken ? [CredentialTypes.X509] : both } },
        }.Make());
    }

    [Theory]
    [InlineData(LeafNodeSource.Commit)]
    [InlineData(LeafNodeSource.KeyPackage)]
    [Trait("Rule", nameof(MlsRule.UpdateLeafSource))]
    public void An_Update_whose_leaf_is_of_something_else_is_refused(LeafNodeSource source) => Refuses(MlsRule.UpdateLeafSource, Bob, broken =>
        Update(leaf => broken ? leaf with { Source = source, Lifetime = Person.Lifetime } : leaf));

    [Theory]
    [InlineData(LeafNodeSource.Update)]
    [InlineData(LeafNodeSource.KeyPackage)]
    [Trait("Rule", nameof(MlsRule.CommitLeafSource))]
    public void A_path_whose_leaf_is_of_something_else_is_refused(LeafNodeSource source) =>
        RefusesPath(MlsRule.CommitLeafSource, leaf => leaf with { Source = source, Lifetime = Person.Lifetime });

    [Fact]
    [Trait("Rule", nameof(MlsRule.UpdateChangesKey))]
    public void An_Update_without_a_new_encryption_key_is_refused() => Refuses(MlsRule.UpdateChangesKey, Bob, broken =>
        Update(leaf => broken ? leaf with { EncryptionKey = Alice.Group.OwnLeaf.EncryptionKey } : leaf));

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitChangesKey))]
    public void A_path_without_a_new_encryption_key_is_refused() =>
        RefusesPath(MlsRule.CommitChangesKey, leaf => leaf with { EncryptionKey = Alice.Group.OwnLeaf.EncryptionKey });

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitChangesKey))]
    public void Who_comes_back_by_a_commit_brings_a_new_encryption_key()
    {
        var old = Charlie.Group.OwnLeaf;
        Refuses(MlsRule.CommitChangesKey, Bob, broken => new RawCommit(Alice.Group, Charlie)
        {
            Joins = true,
            Proposals = [new RemoveProposal(Charlie.Group.OwnIndex)],
            Leaf = leaf => broken ? leaf with { EncryptionKey = old.EncryptionKey } : leaf,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.UniqueEncryptionKeys))]
    public void An_encryption_key_that_another_member_has_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.UniqueEncryptionKeys, Bob, broken => Adds(new RawKeyPackage(dave)
        {
            Leaf = leaf => broken ? leaf with { EncryptionKey = Charlie.Group.OwnLeaf.EncryptionKey } : leaf,
        }));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.UniqueSignatureKeys))]
    public void A_signature_key_that_another_member_has_is_refused() => Refuses(MlsRule.UniqueSignatureKeys, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        LeafKey = broken ? Charlie.SigningKey : null,
    }.Make());

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.UsableEncryptionKey))]
    public void A_leaf_whose_encryption_key_nobody_can_encrypt_to_is_refused(int zeros) =>
        RefusesPath(MlsRule.UsableEncryptionKey, leaf => leaf with { EncryptionKey = new byte[zeros] });

    [Fact]
    [Trait("Rule", nameof(MlsRule.UsableEncryptionKey))]
    public void An_XWing_key_with_a_coefficient_that_is_not_reduced_is_refused()
    {
        var people = Gather(Own(new Person("Ann", CipherSuite.XWingAes256Sha384Ed25519)), Own(new Person("Ben", CipherSuite.XWingAes256Sha384Ed25519)));
        Refuses(MlsRule.UsableEncryptionKey, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Leaf = leaf => broken ? leaf with { EncryptionKey = Unreduced(leaf.EncryptionKey) } : leaf,
        }.Make());
    }

    [Theory]
    [InlineData("leaf", 6)]
    [InlineData("leaf", 7)]
    [InlineData("group", 6)]
    [InlineData("group", 7)]
    [InlineData("KeyPackage", 6)]
    [InlineData("KeyPackage", 7)]
    [Trait("Rule", nameof(MlsRule.AppDataOrder))]
    public void Application_data_out_of_order_or_twice_are_refused(string where, byte second)
    {
        IReadOnlyList<ushort> supported = [ExtensionTypes.AppDataDictionary];
        var people = Gather(Own(new Person("Ann", extensions: supported)), Own(new Person("Ben", extensions: supported)));
        var dave = Own(new Person("Dave", extensions: supported));
        Refuses(MlsRule.AppDataOrder, people[1], broken =>
        {
            var data = new ExtensionList([new Extension(ExtensionTypes.AppDataDictionary, new byte[] { 6, 0, 7, 0, 0, broken ? second : (byte)8, 0 })]);
            return where switch
            {
                "leaf" => new RawCommit(people[0].Group, people[0]) { Leaf = leaf => leaf with { Extensions = data } }.Make(),
                "group" => new RawCommit(people[0].Group, people[0]) { Proposals = [new GroupContextExtensionsProposal(data)] }.Make(),
                _ => RawOf(people[0]).Public(new ProposalBody(new AddProposal(new RawKeyPackage(dave) { Content = content => content with { Extensions = data } }.Make()))),
            };
        });
    }

    /// <summary>An X-Wing key whose first ML-KEM coefficient is 4 095, which is more than 3 328 (FIPS 203 §7.2).</summary>
    private static byte[] Unreduced(ReadOnlyMemory<byte> key)
    {
        var changed = key.ToArray();
        changed[0] = 0xff;
        changed[1] |= 0x0f;
        return changed;
    }

    private static ReadOnlyMemory<byte> Key(Person person) => person.SigningKey.PublicKey.ToArray();

    private void RefusesPath(MlsRule rule, Func<LeafNodeContent, LeafNodeContent> change) => Refuses(rule, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Leaf = leaf => broken ? change(leaf) : leaf,
    }.Make());

    private void RefusesExtension(MlsRule rule, Extension bad, Extension good) => Refuses(rule, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Proposals = [new GroupContextExtensionsProposal(new ExtensionList([broken ? bad : good]))],
    }.Make());

    private MlsMessage Adds(RawKeyPackage keyPackage) => new RawCommit(Alice.Group, Alice) { Proposals = [new AddProposal(keyPackage.Make())] }.Make();

    private MlsMessage Update(Func<LeafNodeContent, LeafNodeContent> change, GroupId? group = null, LeafIndex? place = null)
    {
        using var key = Crypto.Hpke.GeneratePrivateKey();
        var content = change(Alice.Group.OwnLeaf.Content with { EncryptionKey = Crypto.Hpke.PublicKey(key.Bytes), Source = LeafNodeSource.Update });
        var leaf = LeafNode.Sign(content, Alice.SigningKey, group ?? Alice.Group.GroupId, place ?? Alice.Group.OwnIndex);
        return RawOf(Alice).Public(new ProposalBody(new UpdateProposal(leaf)));
    }
}
