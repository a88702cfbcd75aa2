using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Proposals and their lists (RFC 9420 §12.1, §12.2).</summary>
public sealed class ProposalRuleTests : RuleTest
{
    [Fact]
    [Trait("Rule", nameof(MlsRule.ExtensionCount))]
    public void A_structure_with_too_many_extensions_is_refused() => RefusesBytes(
        MlsRule.ExtensionCount, Enumerable.Range(0, ExtensionList.Most + 1).SelectMany(i => new byte[] { 0xF1, (byte)i, 0 }));

    [Fact]
    [Trait("Rule", nameof(MlsRule.DuplicateExtension))]
    public void A_structure_with_two_extensions_of_one_type_is_refused() => RefusesBytes(MlsRule.DuplicateExtension, [0, 3, 0, 0, 3, 0]);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [Trait("Rule", nameof(MlsRule.KnownProposalOrRefType))]
    public void A_commit_with_neither_a_proposal_nor_a_reference_is_refused(byte type) => Refuses(MlsRule.KnownProposalOrRefType, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Body = commit => broken ? new RawBody(ContentType.Commit, [2, type, 0, .. commit.Encoded.ToArray().Skip(1)]) : new CommitBody(commit),
    }.Make());

    [Fact]
    [Trait("Rule", nameof(MlsRule.ProposalCount))]
    public void A_commit_with_too_many_proposals_is_refused()
    {
        var people = WithLimits(new MlsLimits { Proposals = 2 });
        Refuses(MlsRule.ProposalCount, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Proposals = [.. Enumerable.Range(1, broken ? 3 : 2).Select(i => Psk((byte)i))],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ProposalCount))]
    public void More_waiting_proposals_of_one_sender_than_the_limit_are_refused()
    {
        var people = WithLimits(new MlsLimits { ProposalsPerSender = 2 });
        foreach (var i in new byte[] { 1, 2 })
            people[1].Receive<ReceivedProposal>(RawOf(people[0]).Public(new ProposalBody(Psk(i))));
        var third = RawOf(people[0]).Public(new ProposalBody(Psk(3)));
        Refused(MlsRule.ProposalCount, () => people[1].Group.Receive(third).Dispose(), unchanged: people[1]);
    }

    [Theory]
    [InlineData("never sent")]
    [InlineData("of another epoch")]
    [InlineData("of another length")]
    [Trait("Rule", nameof(MlsRule.ProposalKnown))]
    public void A_commit_that_names_a_proposal_that_is_not_waiting_is_refused(string which)
    {
        var sent = Alice.Propose(new RemoveProposal(Charlie.Group.OwnIndex));
        var reference = Alice.Group.Memory.Queue.Waiting[0].Reference;
        if (which == "of another epoch")
        {
            var commit = Charlie.Commit().Commit;
            Alice.Receive<ReceivedCommit>(commit);
            Bob.Receive<ReceivedCommit>(commit);
            Refused(MlsRule.CurrentEpoch, () => Bob.Group.Receive(sent).Dispose(), direct: true, unchanged: Bob);
        }

        Refuses(MlsRule.ProposalKnown, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Listed = broken ? [new ProposalOrReference(null, which == "of another length" ? reference[1..] : reference)] : [],
            Effective = [],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ProposalAllowed))]
    public void A_proposal_that_the_application_does_not_allow_is_refused()
    {
        var policy = new PickyPolicy { RefusesProposal = sent => sent.Proposal is RemoveProposal };
        var people = Gather(New("Ann"), Own(new Person("Ben", policy: policy)));
        Refuses(MlsRule.ProposalAllowed, people[1], broken => RawOf(people[0]).Public(new ProposalBody(broken ? new RemoveProposal(new(0)) : Psk(1))));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitAllowed))]
    public void A_commit_that_the_application_does_not_allow_is_refused()
    {
        var policy = new PickyPolicy { RefusesCommit = commit => commit.Proposals.Any(sent => sent.Proposal is AddProposal) };
        var people = Gather(New("Ann"), Own(new Person("Ben", policy: policy)));
        var add = AddOf(New("Dave"));
        Refuses(MlsRule.CommitAllowed, people[1], broken => new RawCommit(people[0].Group, people[0]) { Proposals = broken ? [add] : [] }.Make());
        Refused(
            MlsRule.CommitAllowed,
            () => people[1].Group.PrepareCommit(new CommitParameters { Proposals = [new AddProposal(people[1].Client.Verify(add.KeyPackage, Person.Now))] }, Person.Now).Dispose(),
            unchanged: people[1]);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ProposalTypeSupported))]
    public void A_commit_with_a_proposal_of_a_type_that_a_member_does_not_support_is_refused()
    {
        IReadOnlyList<ushort> supported = [0xF123];
        var people = Gather(Own(new Person("Ann", proposals: supported)), Own(new Person("Ben", proposals: supported)));
        Refuses(MlsRule.ProposalTypeSupported, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Proposals = [new CustomProposal(broken ? (ushort)0xF124 : (ushort)0xF123, new byte[3])],
        }.Make());
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(uint.MaxValue)]
    [Trait("Rule", nameof(MlsRule.RemovedLeafOccupied))]
    public void A_Remove_of_nobody_is_refused(uint leaf)
    {
        var proposal = RawOf(Alice).Public(new ProposalBody(new RemoveProposal(new(leaf))));
        Refused(MlsRule.RemovedLeafOccupied, () => Bob.Group.Receive(proposal).Dispose(), unchanged: Bob);
        RefusesList(MlsRule.RemovedLeafOccupied, [new RemoveProposal(new(leaf))], [new RemoveProposal(new(2))]);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ReInitVersion))]
    public void A_ReInit_to_an_older_version_is_refused()
    {
        var proposal = RawOf(Alice).Public(new ProposalBody(ReInit() with { Version = 0 }));
        Refused(MlsRule.ReInitVersion, () => Bob.Group.Receive(proposal).Dispose(), unchanged: Bob);
        RefusesList(MlsRule.ReInitVersion, [ReInit() with { Version = 0 }], [ReInit()]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", nameof(MlsRule.CommitterDoesNotUpdate))]
    public void A_commit_with_its_committers_own_Update_is_refused(bool byReference)
    {
        var update = Alice.ProposeUpdate();
        Bob.Receive<ReceivedProposal>(update);
        var waiting = Alice.Group.Memory.Queue.Waiting[0];
        Refuses(MlsRule.CommitterDoesNotUpdate, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Listed = !broken ? [] : byReference ? [new ProposalOrReference(null, waiting.Reference)] : [new ProposalOrReference(waiting.Sent.Proposal, default)],
            Effective = [],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CommitterNotRemoved))]
    public void A_commit_that_removes_its_committer_is_refused() =>
        RefusesList(MlsRule.CommitterNotRemoved, [new RemoveProposal(new(0))], [new RemoveProposal(new(2))]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.OneChangePerLeaf))]
    public void A_commit_that_removes_a_leaf_twice_is_refused() =>
        RefusesList(MlsRule.OneChangePerLeaf, [new RemoveProposal(new(2)), new RemoveProposal(new(2))], [new RemoveProposal(new(2))]);

    [Theory]
    [InlineData("Update")]
    [InlineData("two Updates")]
    [InlineData("SelfRemove")]
    [InlineData("two SelfRemoves")]
    [Trait("Rule", nameof(MlsRule.OneChangePerLeaf))]
    public void A_commit_that_changes_and_removes_a_leaf_is_refused(string and)
    {
        foreach (var message in Enumerable.Range(0, and.StartsWith("two", StringComparison.Ordinal) ? 2 : 1)
            .Select(i => and.Contains("Update", StringComparison.Ordinal)
                ? Charlie.ProposeUpdate()
                : Charlie.Propose(new SelfRemoveProposal(), new MessageParameters { AuthenticatedData = new byte[i] })))
        {
            Alice.Receive<ReceivedProposal>(message);
            Bob.Receive<ReceivedProposal>(message);
        }

        var references = Alice.Group.Memory.Queue.Waiting.Select(waiting => new ProposalOrReference(null, waiting.Reference)).ToList();
        Refuses(MlsRule.OneChangePerLeaf, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Listed = !broken ? references[..1] : references.Count > 1 ? references : [.. references, new ProposalOrReference(new RemoveProposal(Charlie.Group.OwnIndex), default)],
            Effective = broken ? [] : null,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.AddedClientsDiffer))]
    public void A_commit_that_adds_a_client_twice_is_refused()
    {
        var (dave, eve) = (New("Dave"), New("Eve"));
        RefusesList(MlsRule.AddedClientsDiffer, [AddOf(dave), AddOf(dave)], [AddOf(dave), AddOf(eve)]);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.AddedClientIsNew))]
    public void A_commit_that_adds_a_member_again_is_refused() =>
        RefusesList(MlsRule.AddedClientIsNew, [AddOf(Charlie)], [new RemoveProposal(Charlie.Group.OwnIndex), AddOf(Charlie)]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.OneGroupContextExtensions))]
    public void A_commit_that_replaces_the_extensions_twice_is_refused()
    {
        var replaces = new GroupContextExtensionsProposal(ExtensionList.Empty);
        RefusesList(MlsRule.OneGroupContextExtensions, [replaces, replaces], [replaces]);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ReInitAlone))]
    public void A_ReInit_beside_another_proposal_is_refused() =>
        RefusesList(MlsRule.ReInitAlone, [ReInit(), new RemoveProposal(new(2))], [ReInit()]);

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalInitOnlyFromOutside))]
    public void An_ExternalInit_of_a_member_is_refused()
    {
        using var privateKey = Alice.Group.Current.Secrets.ExternalPrivateKey(Crypto);
        var export = ExternalInit.Send(Crypto, Crypto.Hpke.PublicKey(privateKey.Bytes));
        export.Exported.Dispose();
        var proposal = RawOf(Alice).Public(new ProposalBody(new ExternalInitProposal(export.Encapsulation)));
        Refused(MlsRule.ExternalInitOnlyFromOutside, () => Bob.Group.Receive(proposal).Dispose(), unchanged: Bob);
        RefusesList(MlsRule.ExternalInitOnlyFromOutside, [new ExternalInitProposal(export.Encapsulation)], []);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [Trait("Rule", nameof(MlsRule.OneExternalInit))]
    public void An_external_commit_without_one_ExternalInit_is_refused(int count)
    {
        var dave = New("Dave");
        Refuses(MlsRule.OneExternalInit, Bob, broken => new RawCommit(Alice.Group, dave) { Joins = true, ExternalInits = broken ? count : 1 }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalCommitRemovesOne))]
    public void An_external_commit_that_removes_two_members_is_refused() => RefusesExternal(
        MlsRule.ExternalCommitRemovesOne, [new RemoveProposal(new(0)), new RemoveProposal(new(2))], [new RemoveProposal(new(2))]);

    [Theory]
    [InlineData(ProposalTypes.Add)]
    [InlineData(ProposalTypes.ReInit)]
    [InlineData(ProposalTypes.GroupContextExtensions)]
    [Trait("Rule", nameof(MlsRule.ExternalCommitProposals))]
    public void An_external_commit_with_other_proposals_is_refused(ushort type)
    {
        Proposal bad = type switch
        {
            ProposalTypes.Add => AddOf(New("Eve")),
            ProposalTypes.ReInit => ReInit(),
            _ => new GroupContextExtensionsProposal(ExtensionList.Empty),
        };
        RefusesExternal(MlsRule.ExternalCommitProposals, [bad], []);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalCommitByValue))]
    public void An_external_commit_that_names_a_proposal_by_reference_is_refused()
    {
        var remove = Alice.Propose(new RemoveProposal(Charlie.Group.OwnIndex));
        Bob.Receive<ReceivedProposal>(remove);
        var reference = new ProposalOrReference(null, Alice.Group.Memory.Queue.Waiting[0].Reference);
        var dave = New("Dave");
        Refuses(MlsRule.ExternalCommitByValue, Bob, broken => new RawCommit(Alice.Group, dave)
        {
            Joins = true,
            Listed = broken ? [reference] : [],
        }.Make());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [Trait("Rule", nameof(MlsRule.ExternalInitOpens))]
    public void An_external_commit_whose_KEM_output_is_none_is_refused(int zeros)
    {
        var dave = New("Dave");
        Refuses(MlsRule.ExternalInitOpens, Bob, broken => new RawCommit(Alice.Group, dave)
        {
            Joins = true,
            Init = init => broken ? new ExternalInitProposal(new byte[zeros]) : init,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.SelfRemoveByReference))]
    public void A_commit_with_a_SelfRemove_by_value_is_refused()
    {
        var dave = New("Dave");
        Refuses(MlsRule.SelfRemoveByReference, Bob, broken => new RawCommit(Alice.Group, dave)
        {
            Joins = true,
            Proposals = broken ? [new SelfRemoveProposal()] : [],
            Effective = [],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.SelfRemoveIsPublic))]
    public void A_SelfRemove_in_a_private_message_is_refused() => Refuses(MlsRule.SelfRemoveIsPublic, Bob, broken =>
        broken ? RawOf(Charlie).Private(new ProposalBody(new SelfRemoveProposal())) : RawOf(Charlie).Public(new ProposalBody(new SelfRemoveProposal())));

    [Fact]
    [Trait("Rule", nameof(MlsRule.SelfRemoveMessage))]
    public void Who_joins_takes_nothing_but_SelfRemoves_of_members()
    {
        var dave = New("Dave");
        var info = Alice.Group.MakeGroupInfo();
        foreach (var bad in new[]
        {
            RawOf(Charlie).Public(new ProposalBody(new RemoveProposal(new(1)))),
            RawOf(Charlie).Private(new ProposalBody(new SelfRemoveProposal())),
            MlsMessage.Of(info),
        })
        {
            Refused(MlsRule.SelfRemoveMessage, () => JoinWith(dave, info, bad));
        }

        var good = RawOf(Charlie).Public(new ProposalBody(new SelfRemoveProposal()));
        Refused(MlsRule.OneChangePerLeaf, () => JoinWith(dave, info, good, good));
        JoinWith(dave, info, good);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ProposalTypeSupported))]
    public void Who_joins_takes_no_SelfRemove_that_a_member_does_not_know()
    {
        var people = Gather(New("Ann"), Own(new Person("Ben", proposals: [])));
        var dave = New("Dave");
        var leaves = RawOf(people[0]).Public(new ProposalBody(new SelfRemoveProposal()));
        Refused(MlsRule.ProposalTypeSupported, () => JoinWith(dave, people[0].Group.MakeGroupInfo(), leaves));
        people = Gather(New("Ann"), New("Ben"));
        JoinWith(dave, people[0].Group.MakeGroupInfo(), RawOf(people[0]).Public(new ProposalBody(new SelfRemoveProposal())));
    }

    private static void JoinWith(Person person, GroupInfo info, params MlsMessage[] selfRemoves) => person.Client.JoinExternally(
        info, new ExternalJoinParameters(person.SigningKey, person.Credential) { SelfRemoves = selfRemoves }).Dispose();

    private static ReInitProposal ReInit() => new(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, CipherSuite.X25519Aes128Sha256Ed25519.Id, ExtensionList.Empty);

    private static PreSharedKeyProposal Psk(byte nonce) => new(new ExternalPskId(new byte[] { 1 }, Enumerable.Repeat(nonce, 32).ToArray()));

    private Person[] WithLimits(MlsLimits limits)
    {
        var people = Gather(New("Ann"), Own(new Person("Ben", limits: limits)));
        foreach (var person in people)
            person.Psks.External["01"] = new byte[32];
        return people;
    }

    /// <summary>A list by value that cannot take effect is in a commit that takes effect without it.</summary>
    private void RefusesList(MlsRule rule, IReadOnlyList<Proposal> bad, IReadOnlyList<Proposal> good) => Refuses(rule, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Proposals = broken ? bad : good,
        Effective = broken ? [] : null,
    }.Make());

    private void RefusesExternal(MlsRule rule, IReadOnlyList<Proposal> bad, IReadOnlyList<Proposal> good)
    {
        var dave = New("Dave");
        Refuses(rule, Bob, broken => new RawCommit(Alice.Group, dave) { Joins = true, Proposals = broken ? bad : good }.Make());
    }

    private void RefusesBytes(MlsRule rule, IEnumerable<byte> extensions)
    {
        byte[] proposal = [0, 7, .. TlsWriter.Encode(writer => writer.WriteVector(extensions.ToArray()))];
        Refuses(rule, Bob, broken => RawOf(Alice).Public(broken
            ? new RawBody(ContentType.Proposal, proposal)
            : new ProposalBody(new GroupContextExtensionsProposal(ExtensionList.Empty))));
    }
}
