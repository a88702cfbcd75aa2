using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Rules;

namespace Sotto.Mls.Tests.Groups;

public sealed class GroupFlowTests : IDisposable
{
    private readonly List<Person> _people = [];

    public static TheoryData<ushort> Suites { get; } = [.. CipherSuite.All.Select(suite => suite.Id.Value)];

    public void Dispose() => _people.ForEach(person => person.Dispose());

    [Theory]
    [MemberData(nameof(Suites))]
    public void Three_people_talk_in_every_suite(ushort id)
    {
        var suite = CipherSuite.All.Single(suite => suite.Id.Value == id);
        var (alice, bob, charlie) = (New("Alice", suite), New("Bob", suite), New("Charlie", suite));
        Together(alice, bob, charlie);

        Assert.Equal("hello", bob.Read(alice.Say("hello")));
        Assert.Equal("hi", alice.Read(bob.Say("hi")));
        var update = charlie.Commit();
        Deliver(update.Commit, alice, bob);
        Assert.Equal("new keys", alice.Read(charlie.Say("new keys")));
        AssertAgree(alice, bob, charlie);
    }

    [Fact]
    public void A_key_that_not_all_have_keeps_nobody_out_who_follows_or_joins()
    {
        var (alice, bob, charlie, dave) = (New("Alice"), New("Bob"), New("Charlie"), New("Dave"));
        Together(alice, bob);
        var early = bob.Group.Epoch;
        using var keys = charlie.NewKeyPackage();
        var (added, welcome) = alice.Add((charlie, keys));
        bob.Receive<ReceivedCommit>(added);
        charlie.Join(welcome!, keys);

        // Bob proposes keys that Charlie, who came later, or Dave, who is to come, cannot have.
        foreach (var epoch in new[] { early, bob.Group.Epoch })
        {
            var proposal = bob.Propose(new PreSharedKeyProposal(new ResumptionPskId(ResumptionUsage.Application, bob.Group.GroupId, epoch)));
            alice.Receive<ReceivedProposal>(proposal);
            charlie.Receive<ReceivedProposal>(proposal);
        }

        using var davesKeys = dave.NewKeyPackage();
        var (commit, davesWelcome) = alice.Add((dave, davesKeys));
        Deliver(commit, bob, charlie);
        dave.Join(davesWelcome!, davesKeys);
        AssertAgree(alice, bob, charlie, dave);
    }

    [Fact]
    public void A_commit_of_new_keys_does_not_end_the_group_because_somebody_else_wants_to()
    {
        var (alice, bob) = (New("Alice"), New("Bob"));
        Together(alice, bob);
        alice.Receive<ReceivedProposal>(bob.Propose(new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, alice.Suite.Id, ExtensionList.Empty)));
        Deliver(alice.Commit().Commit, bob);
        Assert.Equal(GroupStatus.Active, alice.Group.Status);

        alice.Receive<ReceivedProposal>(bob.Propose(new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, alice.Suite.Id, ExtensionList.Empty)));
        Deliver(alice.Commit(new CommitParameters { IncludeWaitingReInit = true }).Commit, bob);
        Assert.Equal(GroupStatus.ReInitialised, bob.Group.Status);
    }

    [Fact]
    public void A_member_with_a_proposal_on_its_way_follows_a_commit_of_as_many_as_may_wait()
    {
        var limits = new MlsLimits { ProposalsPerSender = 3 };
        Person[] people = [.. new[] { "Alice", "Bob", "Mallory" }.Select(name => New(name, limits: limits))];
        Together(people);
        var (alice, bob, mallory) = (people[0], people[1], people[2]);
        var own = alice.ProposeUpdate();
        foreach (var flood in Enumerable.Range(0, 3).Select(_ => mallory.ProposeUpdate()).Append(own).ToList())
        {
            bob.Receive<ReceivedProposal>(flood);
            (flood == own ? mallory : alice).Receive<ReceivedProposal>(flood);
        }

        Deliver(bob.Commit().Commit, alice, mallory);
        AssertAgree(alice, bob, mallory);
    }

    [Fact]
    public void An_Update_that_is_not_valid_any_more_is_left_out()
    {
        var revoked = false;
        var authentication = new PickyAuthentication { Refuses = check => revoked && check.Occasion == Credentials.CredentialOccasion.Update };
        var (alice, bob) = (New("Alice", authentication: authentication), New("Bob"));
        Together(alice, bob);
        alice.Receive<ReceivedProposal>(bob.ProposeUpdate());
        revoked = true;
        Deliver(alice.Commit().Commit, bob);
        AssertAgree(alice, bob);
    }

    [Fact]
    public void An_own_proposal_that_the_policy_does_not_let_wait_is_refused_at_once()
    {
        var policy = new PickyPolicy { RefusesProposal = sent => sent.Proposal is GroupContextExtensionsProposal };
        var (alice, bob) = (New("Alice", policy: policy), New("Bob"));
        Together(alice, bob);
        Assert.Equal(MlsRule.ProposalAllowed, Assert.Throws<MlsException>(() => alice.Propose(new GroupContextExtensionsProposal(ExtensionList.Empty))).Rule);
        Assert.Equal("free to speak", bob.Read(alice.Say("free to speak")));
    }

    [Fact]
    public void Who_was_removed_is_told_so_when_it_asks_for_secrets()
    {
        var (alice, bob) = (New("Alice"), New("Bob"));
        Together(alice, bob);
        bob.Receive<ReceivedCommit>(alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] }).Commit);
        Assert.Throws<InvalidOperationException>(() => bob.Group.Export("label"u8, default, 32));
        Assert.Throws<InvalidOperationException>(() => bob.Group.FindResumptionPsk(bob.Group.Epoch));
        Assert.Throws<InvalidOperationException>(() => bob.Group.MakeGroupInfo());
    }

    [Fact]
    public void A_member_is_removed_and_added_again_by_two_proposals_of_one_commit()
    {
        var (alice, bob, charlie) = (New("Alice"), New("Bob"), New("Charlie"));
        Together(alice, bob, charlie);
        using var keys = charlie.NewKeyPackage();
        alice.Receive<ReceivedProposal>(bob.Propose(new RemoveProposal(charlie.Group.OwnIndex)));
        alice.Receive<ReceivedProposal>(bob.Propose(bob.AddOf(charlie, keys)));

        var (commit, welcome) = alice.Commit();
        bob.Receive<ReceivedCommit>(commit);
        charlie.Join(welcome!, keys);
        AssertAgree(alice, bob, charlie);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_kind_of_proposal_is_committed_by_reference(bool encrypt)
    {
        var (alice, bob, charlie) = (New("Alice"), New("Bob"), New("Charlie"));
        Together(alice, bob, charlie);
        var dave = New("Dave");
        var parameters = new MessageParameters { Encrypt = encrypt };
        foreach (var person in new[] { alice, bob, charlie, dave })
            person.Psks.External["0102"] = new byte[32];
        using var keys = dave.NewKeyPackage();
        var proposals = new[]
        {
            bob.ProposeUpdate(parameters: parameters),
            bob.Propose(bob.AddOf(dave, keys), parameters),
            bob.Propose(new PreSharedKeyProposal(new ExternalPskId(new byte[] { 1, 2 })), parameters),
            bob.Propose(new GroupContextExtensionsProposal(new ExtensionList([new RequiredCapabilities([], [], [1]).ToExtension()])), parameters),
        };
        foreach (var proposal in proposals)
        {
            alice.Receive<ReceivedProposal>(proposal);
            charlie.Receive<ReceivedProposal>(proposal);
        }

        Assert.Throws<InvalidOperationException>(() => alice.Say("too early"));
        Restart(alice, bob, charlie);
        var (commit, welcome) = alice.Commit(new CommitParameters { Encrypt = encrypt, IncludeWaitingPsks = true });
        Deliver(commit, bob, charlie);
        dave.Join(welcome!, keys);
        AssertAgree(alice, bob, charlie, dave);
        Assert.NotNull(RequiredCapabilities.From(dave.Group.Context.Extensions));
        Assert.Equal("from Dave", bob.Read(dave.Say("from Dave")));
    }

    [Fact]
    public void A_commit_of_many_bytes_is_followed_like_a_short_one_and_must_be_signed_like_it()
    {
        var suite = CipherSuite.XWingAes256Sha384Ed25519;
        var (alice, bob) = (New("Alice", suite), New("Bob", suite));
        alice.Create();
        using var keys = bob.NewKeyPackage();
        var others = Enumerable.Range(2, 70).Select(i => New($"person {i}", suite)).Select(person => (person, person.NewKeyPackage())).ToList();
        bob.Join(alice.Add([(bob, keys), .. others]).Welcome!, keys);
        others.ForEach(other => other.Item2.Dispose());

        var parameters = new CommitParameters { Encrypt = false };
        var (commit, _) = alice.Commit(parameters);
        Assert.True(commit.Encoded.Length > 64 * 1024);
        var forged = new RawMessage(bob.Group, bob.SigningKey).Public(commit.PublicMessage!.Content with { Signature = new byte[64] });
        Assert.Equal(MlsRule.MessageSignature, Assert.Throws<MlsException>(() => bob.Group.Receive(MlsMessage.Decode(forged.Encoded.Span))).Rule);
        bob.Receive<ReceivedCommit>(commit);
        AssertAgree(alice, bob);
    }

    [Fact]
    public void A_removed_member_is_out_and_the_tree_shrinks()
    {
        var people = Enumerable.Range(0, 6).Select(i => New($"person {i}")).ToArray();
        Together(people);
        var (commit, _) = people[0].Commit(new CommitParameters { Proposals = [new RemoveProposal(new(5)), new RemoveProposal(new(4))] });
        var received = people[5].Receive<ReceivedCommit>(commit);
        Assert.True(received.RemovesOwn);
        Assert.Equal(GroupStatus.Removed, people[5].Group.Status);
        Assert.Throws<InvalidOperationException>(() => people[5].Say("still here"));
        Deliver(commit, people[1..4]);
        AssertAgree(people[..4]);
        Assert.Equal(4, people[0].Group.Current.Tree.Width);
        Assert.Equal("after", people[3].Read(people[1].Say("after")));
    }

    [Fact]
    public void Somebody_joins_by_an_external_commit_and_comes_back_by_another()
    {
        var (alice, bob, charlie) = (New("Alice"), New("Bob"), New("Charlie"));
        Together(alice, bob);
        Deliver(charlie.JoinExternally(alice.Group.MakeGroupInfo()), alice, bob);
        AssertAgree(alice, bob, charlie);
        Assert.Equal("external", alice.Read(charlie.Say("external")));

        var place = bob.Group.OwnIndex;
        var resync = bob.JoinExternally(alice.Group.MakeGroupInfo(), new ExternalJoinParameters(bob.NewSigningKey(), bob.Credential) { Replaces = place });
        Deliver(resync, alice, charlie);
        AssertAgree(alice, bob, charlie);
        Assert.Equal(3, alice.Group.MemberCount);
    }

    [Fact]
    public void External_proposals_and_SelfRemoves_are_committed()
    {
        var (alice, bob, charlie) = (New("Alice"), New("Bob"), New("Charlie"));
        var operatorKey = charlie.SigningKey;
        var sender = new ExternalSender(operatorKey.PublicKey.ToArray(), charlie.Credential);
        alice.Create(new ExtensionList([ExternalSender.ToExtension([sender])]));
        Add(alice, [], bob);
        using var keys = charlie.NewKeyPackage();
        var proposal = ExternalProposals.Propose(alice.Group.GroupId, alice.Group.Epoch, 0, alice.AddOf(charlie, keys), operatorKey);
        alice.Receive<ReceivedProposal>(proposal);
        bob.Receive<ReceivedProposal>(proposal);
        var (commit, welcome) = alice.Commit();
        Deliver(commit, bob);
        charlie.Join(welcome!, keys);
        AssertAgree(alice, bob, charlie);

        var leaving = bob.Propose(new SelfRemoveProposal(), new MessageParameters { Encrypt = false });
        alice.Receive<ReceivedProposal>(leaving);
        charlie.Receive<ReceivedProposal>(leaving);
        var (removal, _) = alice.Commit();
        Assert.True(bob.Receive<ReceivedCommit>(removal).RemovesOwn);
        Deliver(removal, charlie);
        AssertAgree(alice, charlie);
    }

    [Fact]
    public void A_group_is_reinitialised_and_another_branched_off()
    {
        var (alice, bob) = (New("Alice"), New("Bob"));
        Together(alice, bob);
        var reInit = new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, CipherSuite.XWingAes256Sha384Ed25519.Id, ExtensionList.Empty);
        var (commit, _) = alice.Commit(new CommitParameters { Proposals = [reInit] });
        Assert.NotNull(bob.Receive<ReceivedCommit>(commit).ReInit);
        Restart(alice, bob);
        Assert.Equal(GroupStatus.ReInitialised, bob.Group.Status);
        Assert.Throws<InvalidOperationException>(() => bob.Say("over"));

        var (nextAlice, nextBob) = (New("Alice", CipherSuite.XWingAes256Sha384Ed25519), New("Bob", CipherSuite.XWingAes256Sha384Ed25519));
        nextAlice.Create(groupId: "next");
        using var keys = nextBob.NewKeyPackage();
        nextBob.Join(nextAlice.CommitLinked(alice.Group, ResumptionUsage.ReInit, nextAlice.AddOf(nextBob, keys)), keys, linked: bob.Group);
        AssertAgree(nextAlice, nextBob);

        var (branchAlice, branchBob) = (New("Alice", CipherSuite.XWingAes256Sha384Ed25519), New("Bob", CipherSuite.XWingAes256Sha384Ed25519));
        branchAlice.Create(groupId: "branch");
        using var branchKeys = branchBob.NewKeyPackage();
        var welcome = branchAlice.CommitLinked(nextAlice.Group, ResumptionUsage.Branch, branchAlice.AddOf(branchBob, branchKeys));
        branchBob.Join(welcome, branchKeys, linked: nextBob.Group);
        AssertAgree(branchAlice, branchBob);
    }

    [Fact]
    public void A_lost_race_is_followed_and_an_own_echo_is_known_after_a_restart()
    {
        var (alice, bob) = (New("Alice"), New("Bob"));
        Together(alice, bob);
        var ofAlice = alice.PrepareCommit();
        var ofBob = bob.PrepareCommit();
        Restart(alice, bob);
        Assert.True(bob.Receive<ReceivedCommit>(ofBob.Commit).IsOwn);
        Assert.False(alice.Receive<ReceivedCommit>(ofBob.Commit).IsOwn);
        Assert.False(alice.Group.HasPendingCommit);
        AssertAgree(alice, bob);
        Assert.Throws<MlsException>(() => bob.Group.Receive(ofAlice.Commit));

        var (commit, _) = alice.PrepareCommit(new CommitParameters { Leaf = new LeafChange { SigningKey = alice.NewSigningKey() } });
        Restart(alice);
        alice.MergePending();
        Deliver(commit, bob);
        AssertAgree(alice, bob);
        Assert.Equal("new signature key", bob.Read(alice.Say("new signature key")));
    }

    [Fact]
    public void Late_messages_open_in_two_past_epochs_by_the_keys_of_their_time()
    {
        var (alice, bob, charlie) = (New("Alice"), New("Bob"), New("Charlie"));
        Together(alice, bob, charlie);
        var late = Enumerable.Range(0, 3).Select(i => bob.Say($"late {i}")).ToArray();
        var removal = alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] });
        Deliver(removal.Commit, charlie);
        Deliver(alice.Commit().Commit, charlie);
        Restart(alice, charlie);
        Assert.Equal("late 2", alice.Read(late[2]));
        Restart(alice);
        Assert.Equal("late 0", alice.Read(late[0]));
        Deliver(alice.Commit().Commit, charlie);
        Assert.Equal(MlsRule.CurrentEpoch, Assert.Throws<MlsException>(() => alice.Group.Receive(late[1])).Rule);
        Assert.Equal(MlsRule.CurrentEpoch, Assert.Throws<MlsException>(() => charlie.Group.Receive(late[1])).Rule);
        Assert.Empty(alice.RecordsThatDiffer());
    }

    private Person New(string name, CipherSuite? suite = null, IGroupPolicy? policy = null, MlsLimits? limits = null, Credentials.IAuthenticationService? authentication = null)
    {
        var person = new Person(name, suite, policy, limits, authentication);
        _people.Add(person);
        return person;
    }

    private static void Together(params Person[] people)
    {
        people[0].Create();
        for (var i = 1; i < people.Length; i++)
            Add(people[i % 2 == 0 ? i - 1 : 0], people[..i], people[i]);
    }

    private static void Add(Person adder, Person[] present, Person added)
    {
        using var keys = added.NewKeyPackage();
        var (commit, welcome) = adder.Add((added, keys));
        Deliver(commit, [.. present.Where(person => person != adder)]);
        added.Join(welcome!, keys);
    }

    private static void Deliver(MlsMessage commit, params Person[] people)
    {
        foreach (var person in people)
            person.Receive<ReceivedCommit>(commit);
    }

    private static void Restart(params Person[] people)
    {
        foreach (var person in people)
        {
            var before = person.StateHash();
            person.Restart();
            Assert.Equal(before, person.StateHash());
        }
    }

    private static void AssertAgree(params Person[] people)
    {
        foreach (var person in people)
        {
            Assert.Equal(people[0].Group.Epoch, person.Group.Epoch);
            Assert.Equal(people[0].Group.EpochAuthenticator.ToArray(), person.Group.EpochAuthenticator.ToArray());
            Assert.True(person.Group.Current.PrivateKeys.Fit(person.Group.Current.Crypto, person.Group.Current.Tree));
            Assert.Empty(person.RecordsThatDiffer());
        }
    }
}
