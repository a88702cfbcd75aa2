using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Groups that continue or leave another one (RFC 9420 §11.2, §11.3): Alice makes one, and Bob joins it.</summary>
public sealed class LinkRuleTests : RuleTest
{
    [Fact]
    [Trait("Rule", nameof(MlsRule.WelcomeOneLink))]
    public void A_Welcome_with_two_links_is_refused() => Refuses(
        MlsRule.WelcomeOneLink, NewGroup(ResumptionUsage.Branch), welcome => Link(welcome, ResumptionUsage.Branch, Bob.Group.Epoch, nonce: 2));

    [Theory]
    [InlineData(0ul)]
    [InlineData(2ul)]
    [Trait("Rule", nameof(MlsRule.LinkedGroupEpoch))]
    public void A_subgroup_that_is_not_in_its_first_epoch_is_refused(ulong epoch) =>
        Refuses(MlsRule.LinkedGroupEpoch, NewGroup(ResumptionUsage.Branch), welcome => welcome.Info.Epoch = new Epoch(epoch));

    [Fact]
    [Trait("Rule", nameof(MlsRule.LinkedGroupKnown))]
    public void A_subgroup_of_a_group_that_the_application_does_not_name_is_refused()
    {
        var group = NewGroup(ResumptionUsage.Branch);
        using var psk = Bob.Group.FindResumptionPsk(Bob.Group.Epoch)!;
        group.Joiner.Psks.Resumption[(Bob.Group.GroupId, Bob.Group.Epoch)] = psk.Bytes.ToArray();
        var encoded = group.Welcome().Encode();
        Refused(MlsRule.LinkedGroupKnown, () => group.Joiner.Client.Join(MlsMessage.Decode(encoded).Welcome!, group.Keys, linked: null).Dispose());
        var other = New("Ann");
        other.Create(groupId: "other");
        Refused(MlsRule.LinkedGroupKnown, () => group.Joiner.Client.Join(MlsMessage.Decode(encoded).Welcome!, group.Keys, linked: other.Group).Dispose());
        group.Joiner.Join(MlsMessage.Decode(encoded).Welcome!, group.Keys, linked: Bob.Group);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.LinkPresent))]
    public void A_group_that_should_continue_another_one_and_does_not_name_it_is_refused() => Refuses(MlsRule.LinkPresent, NewGroup(ResumptionUsage.Branch), welcome =>
    {
        welcome.Psks.Clear();
        welcome.PskKeys.Clear();
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.ReInitExpected))]
    public void A_group_that_continues_one_which_has_not_ended_is_refused() => Refuses(MlsRule.ReInitExpected, NewGroup(ResumptionUsage.Branch), welcome =>
    {
        welcome.Psks.Clear();
        welcome.PskKeys.Clear();
        Link(welcome, ResumptionUsage.ReInit, Bob.Group.Epoch);
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.ReInitEpoch))]
    public void A_successor_with_the_PSK_of_an_earlier_epoch_is_refused()
    {
        EndOldGroup();
        Refuses(MlsRule.ReInitEpoch, NewGroup(ResumptionUsage.ReInit), welcome =>
        {
            welcome.Psks.Clear();
            welcome.PskKeys.Clear();
            Link(welcome, ResumptionUsage.ReInit, new Epoch(Bob.Group.Epoch.Value - 1));
        });
    }

    [Theory]
    [InlineData("identifier")]
    [InlineData("extensions")]
    [Trait("Rule", nameof(MlsRule.ReInitParameters))]
    public void A_successor_that_is_not_what_the_ReInit_says_is_refused(string what)
    {
        EndOldGroup();
        Refuses(MlsRule.ReInitParameters, NewGroup(ResumptionUsage.ReInit), welcome =>
        {
            if (what == "identifier")
                welcome.Info.GroupId = new GroupId("another"u8.ToArray());
            else
                welcome.Info.ContextExtensions = new ExtensionList([new RequiredCapabilities([], [], []).ToExtension()]);
        });
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ReInitParameters))]
    public void A_successor_of_another_suite_than_the_ReInit_says_is_refused()
    {
        EndOldGroup();
        var group = NewGroup(ResumptionUsage.ReInit, CipherSuite.X25519ChaChaSha256Ed25519);
        RefusesWhole(MlsRule.ReInitParameters, group);
    }

    [Theory]
    [InlineData("one fewer")]
    [InlineData("one more")]
    [InlineData("another one")]
    [Trait("Rule", nameof(MlsRule.ReInitMembers))]
    public void A_successor_without_the_same_members_is_refused(string how)
    {
        EndOldGroup();
        string[] others = how switch { "one fewer" => [], "one more" => ["Charlie", "Dave"], _ => ["Dave"] };
        RefusesWhole(MlsRule.ReInitMembers, NewGroup(ResumptionUsage.ReInit, others: others));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.BranchSuite))]
    public void A_subgroup_of_another_suite_is_refused() =>
        RefusesWhole(MlsRule.BranchSuite, NewGroup(ResumptionUsage.Branch, CipherSuite.X25519ChaChaSha256Ed25519));

    [Fact]
    [Trait("Rule", nameof(MlsRule.BranchMembers))]
    public void A_subgroup_with_somebody_new_is_refused() => RefusesWhole(MlsRule.BranchMembers, NewGroup(ResumptionUsage.Branch, others: ["Dave"]));

    /// <summary>A new group and what Bob gets of it.</summary>
    private sealed record Linked(Person Maker, Person Joiner, KeyPackages.KeyPackageKeys Keys, Func<RawWelcome> Welcome);

    private void EndOldGroup()
    {
        var reInit = new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, CipherSuite.X25519Aes128Sha256Ed25519.Id, ExtensionList.Empty);
        Bob.Receive<ReceivedCommit>(Alice.Commit(new CommitParameters { Proposals = [reInit] }).Commit);
    }

    private Linked NewGroup(ResumptionUsage usage, CipherSuite? suite = null, string[]? others = null)
    {
        var (maker, joiner) = (Own(new Person("Alice", suite)), Own(new Person("Bob", suite)));
        maker.Create(groupId: "next");
        var keys = KeyPackageOf(joiner);
        var all = (others ?? ["Charlie"]).Select(name => Own(new Person(name, suite))).Select(person => (person, KeyPackageOf(person))).Append((joiner, keys));
        var welcome = maker.Add([.. all]).Welcome!;
        return new Linked(maker, joiner, keys, () =>
        {
            var raw = new RawWelcome(maker, welcome, keys);
            Link(raw, usage, Bob.Group.Epoch);
            return raw;
        });
    }

    /// <summary>Adds a resumption PSK of the old group to a Welcome.</summary>
    private void Link(RawWelcome welcome, ResumptionUsage usage, Epoch epoch, byte nonce = 1)
    {
        using var psk = Bob.Group.FindResumptionPsk(epoch)!;
        welcome.Psks.Add(new ResumptionPskId(usage, Bob.Group.GroupId, epoch, Enumerable.Repeat(nonce, 32).ToArray()));
        welcome.PskKeys.Add(psk.Bytes.ToArray());
    }

    private void Refuses(MlsRule rule, Linked group, Action<RawWelcome> change)
    {
        var bad = group.Welcome();
        change(bad);
        RefusesWelcome(rule, group, bad);
        group.Joiner.Join(MlsMessage.Decode(group.Welcome().Encode()).Welcome!, group.Keys, linked: Bob.Group);
    }

    /// <summary>The new group itself is wrong; the same old group then has a right one.</summary>
    private void RefusesWhole(MlsRule rule, Linked group)
    {
        RefusesWelcome(rule, group, group.Welcome());
        var right = NewGroup(Bob.Group.Status == GroupStatus.ReInitialised ? ResumptionUsage.ReInit : ResumptionUsage.Branch);
        right.Joiner.Join(MlsMessage.Decode(right.Welcome().Encode()).Welcome!, right.Keys, linked: Bob.Group);
    }

    private void RefusesWelcome(MlsRule rule, Linked group, RawWelcome welcome)
    {
        var encoded = welcome.Encode();
        Refused(rule, () => group.Joiner.Client.Join(MlsMessage.Decode(encoded).Welcome!, group.Keys, linked: Bob.Group).Dispose(), unchanged: Bob);
    }
}
