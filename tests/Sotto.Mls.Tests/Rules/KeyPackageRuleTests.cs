using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>KeyPackages (RFC 9420 §10) and the credentials that the application judges (§5.3.1).</summary>
public sealed class KeyPackageRuleTests : RuleTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [Trait("Rule", nameof(MlsRule.LifetimeLength))]
    public void A_KeyPackage_that_lives_too_long_is_refused(int days)
    {
        var limit = MlsLimits.Default.KeyPackageLifetime;
        RefusesLeaf(MlsRule.LifetimeLength, leaf => leaf with
        {
            Lifetime = new Lifetime(leaf.Lifetime.NotBefore, leaf.Lifetime.NotBefore + (ulong)limit.TotalSeconds + ((ulong)days * 86_400)),
        });
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.LifetimeLength))]
    public void A_KeyPackage_that_ends_before_it_begins_is_refused() =>
        RefusesLeaf(MlsRule.LifetimeLength, leaf => leaf with { Lifetime = new Lifetime(leaf.Lifetime.NotAfter, leaf.Lifetime.NotBefore) });

    [Theory]
    [InlineData(-2)]
    [InlineData(31)]
    [Trait("Rule", nameof(MlsRule.LifetimeNow))]
    public void Nobody_adds_a_KeyPackage_outside_of_its_lifetime(int days)
    {
        var keyPackage = KeyPackageOf(New("Dave")).KeyPackage;
        var client = Alice.Client;
        Refused(MlsRule.LifetimeNow, () => client.Verify(keyPackage, Person.Now.AddDays(days)));
        var add = new AddProposal(Alice.Client.Verify(keyPackage, Person.Now));
        Refused(
            MlsRule.LifetimeNow,
            () => Alice.Group.PrepareCommit(new CommitParameters { Proposals = [add] }, Person.Now.AddDays(days)).Dispose(), unchanged: Alice);
        Alice.Commit(new CommitParameters { Proposals = [add] });
    }

    [Theory]
    [InlineData(LeafNodeSource.Update)]
    [InlineData(LeafNodeSource.Commit)]
    [Trait("Rule", nameof(MlsRule.AddedLeafSource))]
    public void A_KeyPackage_whose_leaf_is_of_something_else_is_refused(LeafNodeSource source) =>
        RefusesLeaf(MlsRule.AddedLeafSource, leaf => leaf with { Source = source });

    [Fact]
    [Trait("Rule", nameof(MlsRule.KeyPackageVersion))]
    public void A_KeyPackage_of_another_version_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.KeyPackageVersion, Bob, broken => Adds(new RawKeyPackage(dave) { Content = content => content with { Version = broken ? (ushort)2 : (ushort)1 } }));
        var message = MlsMessage.Of(new RawKeyPackage(dave) { Content = content => content with { Version = 2 } }.Make()).Encoded;
        Refused(MlsRule.KeyPackageVersion, () => MlsMessage.Decode(message.Span));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.KeyPackageSuite))]
    public void A_KeyPackage_for_another_suite_is_refused()
    {
        // Suite 3 has the same keys and signatures as suite 1.
        var dave = New("Dave");
        Refuses(MlsRule.KeyPackageSuite, Bob, broken => Adds(new RawKeyPackage(dave) { Content = content => content with { CipherSuite = new(broken ? (ushort)3 : (ushort)1) } }));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.KeyPackageSuite))]
    public void A_KeyPackage_that_was_verified_for_another_suite_is_not_added()
    {
        var dave = Own(new Person("Dave", CipherSuite.X25519ChaChaSha256Ed25519));
        var add = new AddProposal(Alice.Client.Verify(KeyPackageOf(dave).KeyPackage, Person.Now));
        Refused(
            MlsRule.KeyPackageSuite,
            () => Alice.Group.PrepareCommit(new CommitParameters { Proposals = [add] }, Person.Now).Dispose(), unchanged: Alice);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.KeyPackageSignature))]
    public void A_KeyPackage_that_somebody_else_signed_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.KeyPackageSignature, Bob, broken => Adds(new RawKeyPackage(dave) { Key = broken ? Alice.SigningKey : null }));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.InitKeyDiffers))]
    public void A_KeyPackage_with_one_key_for_both_uses_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.InitKeyDiffers, Bob, broken => Adds(new RawKeyPackage(dave)
        {
            Content = content => broken ? content with { InitKey = content.LeafNode.EncryptionKey } : content,
        }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.UsableInitKey))]
    public void A_KeyPackage_whose_init_key_nobody_can_encrypt_to_is_refused(int zeros)
    {
        var dave = New("Dave");
        Refuses(MlsRule.UsableInitKey, Bob, broken => Adds(new RawKeyPackage(dave)
        {
            Content = content => broken ? content with { InitKey = new byte[zeros] } : content,
        }));
    }

    [Theory]
    [InlineData(1_215)]
    [InlineData(1_217)]
    [Trait("Rule", nameof(MlsRule.UsableInitKey))]
    public void An_XWing_init_key_of_another_length_is_refused(int length)
    {
        var suite = CipherSuite.XWingAes256Sha384Ed25519;
        var people = Gather(Own(new Person("Ann", suite)), Own(new Person("Ben", suite)));
        var dave = Own(new Person("Dave", suite));
        Refuses(MlsRule.UsableInitKey, people[1], broken => RawOf(people[0]).Public(new ProposalBody(new AddProposal(new RawKeyPackage(dave)
        {
            Content = content => broken ? content with { InitKey = content.InitKey.ToArray().Append((byte)0).Take(length).ToArray() } : content,
        }.Make()))));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.AddedCredential))]
    public void The_application_refuses_who_is_added()
    {
        var (people, picky) = WithPicky();
        var (dave, eve) = (New("Dave"), New("Eve"));
        picky.Refuses = check => check.Occasion == CredentialOccasion.Add && check.Replaced is null && check.Leaf.Credential.Equals(eve.Credential);
        Refuses(MlsRule.AddedCredential, people[1], broken => new RawCommit(people[0].Group, people[0]) { Proposals = [AddOf(broken ? eve : dave)] }.Make());
        var keys = KeyPackageOf(eve);
        Refused(MlsRule.AddedCredential, () => people[1].AddOf(eve, keys));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.AddedCredential))]
    public void The_application_refuses_a_stranger_that_proposes_its_own_Add()
    {
        var (people, picky) = WithPicky();
        var (dave, eve) = (New("Dave"), New("Eve"));
        picky.Refuses = check => check.Leaf.Credential.Equals(eve.Credential);
        Refuses(MlsRule.AddedCredential, people[1], broken =>
        {
            var stranger = broken ? eve : dave;
            return ExternalProposals.ProposeOwnAdd(people[0].Group.Context, KeyPackageOf(stranger).KeyPackage, stranger.SigningKey);
        });
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.UpdateCredential))]
    public void The_application_refuses_the_successor_that_an_Update_brings()
    {
        var (people, picky) = WithPicky();
        var before = people[0].Group.OwnLeaf.Credential;
        picky.Refuses = check => check.Occasion == CredentialOccasion.Update && check.Replaced!.Credential.Equals(before) && !check.Leaf.Credential.Equals(before);
        Refuses(MlsRule.UpdateCredential, people[1], broken => people[0].ProposeUpdate(
            new LeafChange { Credential = broken ? Credential.Basic("Mallory"u8) : null }, new MessageParameters { Encrypt = false }));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitCredential))]
    public void The_application_refuses_the_successor_that_a_path_brings()
    {
        var (people, picky) = WithPicky();
        var before = people[0].Group.OwnLeaf.Credential;
        picky.Refuses = check => check.Occasion == CredentialOccasion.Commit && check.Replaced!.Credential.Equals(before) && !check.Leaf.Credential.Equals(before);
        Refuses(MlsRule.CommitCredential, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Leaf = leaf => broken ? leaf with { Credential = Credential.Basic("Mallory"u8) } : leaf,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitCredential))]
    public void A_committer_is_told_before_the_others_refuse_its_new_credential()
    {
        var (people, picky) = WithPicky();
        picky.Refuses = check => check.Occasion == CredentialOccasion.Commit && !check.Leaf.Credential.Equals(check.Replaced!.Credential);
        CommitParameters Renamed(Person person, string name) => new() { Leaf = new LeafChange { Credential = Credential.Basic(System.Text.Encoding.UTF8.GetBytes(name)) } };
        Refused(MlsRule.CommitCredential, () => people[1].Group.PrepareCommit(Renamed(people[1], "Mallory"), Person.Now).Dispose(), unchanged: people[1]);
        people[0].Receive<ReceivedCommit>(people[1].Commit(Renamed(people[1], people[1].Name)).Commit);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitCredential))]
    public void Who_joins_by_a_commit_is_told_before_the_others_refuse_its_credential()
    {
        var picky = new PickyAuthentication();
        var dave = Own(new Person("Dave", authentication: picky));
        var info = Alice.Group.MakeGroupInfo();
        picky.Refuses = check => check.Occasion == CredentialOccasion.ExternalJoin;
        Refused(MlsRule.CommitCredential, () => dave.JoinExternally(info), unchanged: Alice);
        picky.Refuses = _ => false;
        Alice.Receive<ReceivedCommit>(dave.JoinExternally(info));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitCredential))]
    public void The_application_refuses_who_removes_somebody_else_by_an_external_commit()
    {
        var (people, picky) = WithPicky();
        picky.Refuses = check => check is { Occasion: CredentialOccasion.ExternalJoin, Replaced: { } replaced } && !replaced.Credential.Equals(check.Leaf.Credential);
        var mallory = New("Mallory");
        Refuses(MlsRule.CommitCredential, people[1], broken => new RawCommit(people[0].Group, mallory)
        {
            Joins = true,
            Proposals = broken ? [new RemoveProposal(people[0].Group.OwnIndex)] : [],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitCredential))]
    public void Who_joins_and_commits_the_SelfRemove_of_somebody_else_is_nobodys_successor()
    {
        var (people, picky) = WithPicky();
        picky.Refuses = check => check is { Occasion: CredentialOccasion.ExternalJoin, Replaced: not null };
        var leaving = people[0].Propose(new SelfRemoveProposal());
        people[1].Receive<ReceivedProposal>(leaving);
        var dave = New("Dave");
        var commit = dave.JoinExternally(people[1].Group.MakeGroupInfo(), new ExternalJoinParameters(dave.SigningKey, dave.Credential) { SelfRemoves = [leaving] });
        people[1].Receive<ReceivedCommit>(commit);
        Assert.Equal(dave.Group.EpochAuthenticator.ToArray(), people[1].Group.EpochAuthenticator.ToArray());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.JoinedCredential))]
    public void The_application_refuses_a_member_of_the_group_that_is_joined()
    {
        var picky = new PickyAuthentication();
        var dave = Own(new Person("Dave", authentication: picky));
        var keys = KeyPackageOf(dave);
        var welcome = Alice.Add((dave, keys)).Welcome!;
        picky.Refuses = check => check.Occasion == CredentialOccasion.Join && check.Leaf.Credential.Equals(Bob.Credential);
        Refused(MlsRule.JoinedCredential, () => dave.Client.Join(welcome, keys).Dispose());
        picky.Refuses = _ => false;
        picky.Asked.Clear();
        dave.Join(welcome, keys);
        Assert.Equal(4, picky.Asked.Count(check => check.Occasion == CredentialOccasion.Join));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalSenderCredential))]
    public void The_application_refuses_an_external_sender()
    {
        var (people, picky) = WithPicky();
        var (good, bad) = (SenderOf(New("Olga")), SenderOf(New("Mallory")));
        picky.RefusesSender = sender => sender.Equals(bad);
        Refuses(MlsRule.ExternalSenderCredential, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Proposals = [new GroupContextExtensionsProposal(new ExtensionList([ExternalSender.ToExtension(broken ? [good, bad] : [good])]))],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalSenderCredential))]
    public void The_application_refuses_an_external_sender_of_a_group_that_is_joined()
    {
        var sender = SenderOf(New("Mallory"));
        var ann = New("Ann");
        ann.Create(new ExtensionList([ExternalSender.ToExtension([sender])]));
        var picky = new PickyAuthentication { RefusesSender = sender.Equals };
        var dave = Own(new Person("Dave", authentication: picky));
        var keys = KeyPackageOf(dave);
        var welcome = ann.Add((dave, keys)).Welcome!;
        Refused(MlsRule.ExternalSenderCredential, () => dave.Client.Join(welcome, keys).Dispose());
        picky.RefusesSender = _ => false;
        dave.Join(welcome, keys);
    }

    private static ExternalSender SenderOf(Person person) => new(person.SigningKey.PublicKey.ToArray(), person.Credential);

    private (Person[] People, PickyAuthentication Picky) WithPicky()
    {
        var picky = new PickyAuthentication();
        return (Gather(New("Ann"), Own(new Person("Ben", authentication: picky))), picky);
    }

    private void RefusesLeaf(MlsRule rule, Func<LeafNodeContent, LeafNodeContent> change)
    {
        var dave = New("Dave");
        Refuses(rule, Bob, broken => Adds(new RawKeyPackage(dave) { Leaf = leaf => broken ? change(leaf) : leaf }));
    }

    private MlsMessage Adds(RawKeyPackage keyPackage) => new RawCommit(Alice.Group, Alice) { Proposals = [new AddProposal(keyPackage.Make())] }.Make();
}
