using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Pre-shared keys in commits and proposals (RFC 9420 §8.4, §12.1.4).</summary>
public sealed class PskRuleTests : RuleTest
{
    [Theory]
    [InlineData(ResumptionUsage.Branch)]
    [InlineData(ResumptionUsage.ReInit)]
    [Trait("Rule", nameof(MlsRule.PskUsage))]
    public void Who_joins_by_a_commit_takes_no_key_that_links_groups(ResumptionUsage usage)
    {
        var dave = New("Dave");
        var info = Alice.Group.MakeGroupInfo();
        var joins = new ExternalJoinParameters(dave.SigningKey, dave.Credential) { Psks = [new ResumptionPskId(usage, Alice.Group.GroupId, Alice.Group.Epoch)] };
        Refused(MlsRule.PskUsage, () => dave.JoinExternally(info, joins), unchanged: Alice);
        Alice.Receive<ReceivedCommit>(dave.JoinExternally(info));
    }

    private static readonly byte[] Name = [1];

    public PskRuleTests()
    {
        foreach (var person in new[] { Alice, Bob })
            person.Psks.External["01"] = new byte[32];
        Alice.Psks.External["02"] = new byte[32];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [Trait("Rule", nameof(MlsRule.KnownPskType))]
    public void A_pre_shared_key_of_an_unknown_type_is_refused(byte type) =>
        RefusesBytes(MlsRule.KnownPskType, [0, 4, type, 1, 1, 32, .. new byte[32]]);

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [Trait("Rule", nameof(MlsRule.KnownPskUsage))]
    public void A_resumption_PSK_of_an_unknown_usage_is_refused(byte usage) =>
        RefusesBytes(MlsRule.KnownPskUsage, [0, 4, 2, usage, 1, 1, .. new byte[8], 32, .. new byte[32]]);

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [Trait("Rule", nameof(MlsRule.PskNonceLength))]
    public void A_nonce_of_another_length_is_refused(int length)
    {
        RefusesProposal(MlsRule.PskNonceLength, new ExternalPskId(Name, new byte[length]));
        RefusesCommit(MlsRule.PskNonceLength, new ExternalPskId(Name, new byte[length]));
    }

    [Theory]
    [InlineData(ResumptionUsage.ReInit)]
    [InlineData(ResumptionUsage.Branch)]
    [Trait("Rule", nameof(MlsRule.PskUsage))]
    public void A_resumption_PSK_that_links_groups_is_refused_in_other_commits(ResumptionUsage usage)
    {
        var psk = new ResumptionPskId(usage, Alice.Group.GroupId, Alice.Group.Epoch, new byte[32]);
        RefusesProposal(MlsRule.PskUsage, psk);
        RefusesCommit(MlsRule.PskUsage, psk);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.PskAvailable))]
    public void A_commit_with_an_external_PSK_that_is_not_there_is_refused() =>
        RefusesCommit(MlsRule.PskAvailable, new ExternalPskId(new byte[] { 2 }, new byte[32]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.PskAvailable))]
    public void A_commit_with_a_resumption_PSK_of_an_epoch_that_is_not_kept_is_refused() => Refuses(MlsRule.PskAvailable, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Proposals = [new PreSharedKeyProposal(new ResumptionPskId(ResumptionUsage.Application, Alice.Group.GroupId, new Epoch(broken ? 99ul : Alice.Group.Epoch.Value), new byte[32]))],
        Effective = broken ? [] : null,
    }.Make());

    [Fact]
    [Trait("Rule", nameof(MlsRule.PsksDiffer))]
    public void A_commit_that_names_a_PSK_twice_is_refused() => Refuses(MlsRule.PsksDiffer, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Proposals = [Psk(1), Psk(broken ? (byte)1 : (byte)2)],
    }.Make());

    private static PreSharedKeyProposal Psk(byte nonce) => new(new ExternalPskId(Name, Enumerable.Repeat(nonce, 32).ToArray()));

    private void RefusesCommit(MlsRule rule, PreSharedKeyId bad) => Refuses(rule, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Proposals = [broken ? new PreSharedKeyProposal(bad) : Psk(1)],
    }.Make());

    /// <summary>The proposal is refused when it is sent by itself; the group then commits something else.</summary>
    private void RefusesProposal(MlsRule rule, PreSharedKeyId bad)
    {
        var message = RawOf(Alice).Private(new ProposalBody(new PreSharedKeyProposal(bad)));
        Refused(rule, () => Bob.Group.Receive(message).Dispose(), unchanged: Bob);
    }

    private void RefusesBytes(MlsRule rule, byte[] proposal) => Refuses(rule, Bob, broken =>
        RawOf(Alice).Private(broken ? new RawBody(ContentType.Proposal, proposal) : new ProposalBody(Psk(1))));
}
