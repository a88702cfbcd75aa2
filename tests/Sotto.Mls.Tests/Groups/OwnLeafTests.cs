using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Tests.Rules;

namespace Sotto.Mls.Tests.Groups;

/// <summary>What a client says of itself, and own leaves that the others would refuse.</summary>
public sealed class OwnLeafTests : RuleTest
{
    private static readonly ushort[] Dictionary = [ExtensionTypes.AppDataDictionary];
    private static readonly Extension Unknown = new(0xF0F0, new byte[1]);
    private static readonly Extension Malformed = new(ExtensionTypes.AppDataDictionary, new byte[] { 5 });

    [Fact]
    public void A_KeyPackage_of_last_resort_is_not_made_by_who_does_not_support_its_mark()
    {
        Assert.Throws<ArgumentException>(() => LastResortOf(Bob));
        using var keys = LastResortOf(Own(new Person("Dave", extensions: Dictionary)));
        Assert.True(keys.KeyPackage.IsLastResort);
        Assert.Contains(ExtensionTypes.AppDataDictionary, keys.KeyPackage.LeafNode.Capabilities.Extensions);
    }

    [Fact]
    public void Who_was_added_by_last_resort_lives_in_a_group_with_a_dictionary()
    {
        var (ann, dave) = (Own(new Person("Ann", extensions: Dictionary)), Own(new Person("Dave", extensions: Dictionary)));
        ann.Create(new ExtensionList([new AppDataDictionary([new(0x8001, new byte[1])]).ToExtension()]));
        var keys = Own(LastResortOf(dave));
        dave.Join(ann.Add((dave, keys)).Welcome!, keys);
        ann.Receive<ReceivedCommit>(dave.Commit().Commit);
    }

    [Fact]
    public void Extensions_that_the_client_does_not_support_are_in_none_of_its_leaves()
    {
        var extensions = new ExtensionList([Unknown]);
        var parameters = new KeyPackageParameters(Bob.SigningKey, Bob.Credential, Person.Lifetime);
        Assert.Throws<ArgumentException>(() => Bob.Client.CreateKeyPackage(Bob.Suite, parameters with { Extensions = extensions }));
        Assert.Throws<ArgumentException>(() => Bob.Client.CreateKeyPackage(Bob.Suite, parameters with { LeafExtensions = extensions }));
        Assert.Throws<ArgumentException>(() => Bob.Client.CreateGroup(
            new GroupParameters(Bob.Suite, new GroupId(new byte[1]), Bob.SigningKey, Bob.Credential, Person.Lifetime) { LeafExtensions = extensions }));
        Assert.Throws<ArgumentException>(() => Bob.Client.JoinExternally(
            Alice.Group.MakeGroupInfo(), new ExternalJoinParameters(Bob.SigningKey, Bob.Credential) { LeafExtensions = extensions }));
        RefusedAsCommitAndUpdate(new LeafChange { Extensions = extensions });
    }

    [Fact]
    public void A_key_of_another_algorithm_or_a_credential_of_another_type_makes_no_leaf()
    {
        var other = new SignatureScheme(TestSuites.Provider, SignatureAlgorithm.EcdsaP256Sha256);
        using var raw = other.GeneratePrivateKey();
        using var key = other.OpenPrivateKey(raw.Bytes);
        RefusedAsCommitAndUpdate(new LeafChange { SigningKey = key });
        RefusedAsCommitAndUpdate(new LeafChange { Credential = new UnknownCredential(0xF0F0, default, new byte[] { 0xF0, 0xF0, 0 }) });
    }

    [Fact]
    public void A_malformed_dictionary_in_the_own_leaf_is_refused_before_it_is_sent()
    {
        var people = Gather(Own(new Person("Ann", extensions: Dictionary)), Own(new Person("Ben", extensions: Dictionary)));
        var change = new LeafChange { Extensions = new ExtensionList([Malformed]) };
        var before = people[0].StateHash();
        Assert.Throws<MlsException>(() => people[0].Group.PrepareCommit(new CommitParameters { Leaf = change }, Person.Now));
        Assert.Throws<MlsException>(() => people[0].Group.PrepareUpdate(change));
        Assert.Equal(before, people[0].StateHash());

        var dave = Own(new Person("Dave", extensions: Dictionary));
        Assert.Throws<MlsException>(() => dave.JoinExternally(
            people[0].Group.MakeGroupInfo(), new ExternalJoinParameters(dave.SigningKey, dave.Credential) { LeafExtensions = new ExtensionList([Malformed]) }));
    }

    private static KeyPackageKeys LastResortOf(Person person) =>
        person.Client.CreateKeyPackage(person.Suite, new KeyPackageParameters(person.SigningKey, person.Credential, Person.Lifetime).AsLastResort());

    private void RefusedAsCommitAndUpdate(LeafChange change)
    {
        var before = Alice.StateHash();
        Assert.Throws<ArgumentException>(() => Alice.Group.PrepareCommit(new CommitParameters { Leaf = change }, Person.Now));
        Assert.Throws<ArgumentException>(() => Alice.Group.PrepareUpdate(change));
        Assert.Equal(before, Alice.StateHash());
    }
}
