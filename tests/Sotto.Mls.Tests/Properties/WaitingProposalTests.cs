using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Properties;

/// <summary>Whatever proposals wait, everybody can commit, and everybody else follows.</summary>
public sealed class WaitingProposalTests(ITestOutputHelper output)
{
    private const int Seeds = 300;

    [Fact]
    public void Whatever_waits_a_commit_can_be_made_and_the_others_follow_it()
    {
        var first = Random.Shared.Next(1 << 30);
        var taken = new Dictionary<string, int>();
        for (var seed = first; seed < first + Seeds; seed++)
        {
            try
            {
                RunOne(seed, taken);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }

        output.WriteLine(string.Join(", ", taken.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}")));
        Assert.Equal(8, taken.Count);
    }

    private static void RunOne(int seed, Dictionary<string, int> taken)
    {
        var random = new Random(seed);
        var members = Gather(random);
        using var proposals = new SpoilingProposals(random, members);
        try
        {
            var onlyReInits = random.Next(10) == 0;
            foreach (var message in Enumerable.Range(0, random.Next(1, 12)).Select(_ => onlyReInits || random.Next(20) == 0 ? proposals.ReInit() : proposals.Next()).ToList())
                Deliver(members, message);

            var committer = members[random.Next(members.Length)];
            var (commit, _) = committer.PrepareCommit(new CommitParameters { IncludeWaitingPsks = random.Next(2) == 0, IncludeWaitingReInit = true });
            var others = members.Where(member => member != committer && !proposals.Lost.Contains(member)).ToList();
            foreach (var other in others)
            {
                var received = other.Receive<ReceivedCommit>(commit);
                foreach (var kind in received.View.Proposals.Select(sent => sent.Proposal.GetType().Name))
                    taken[kind] = taken.GetValueOrDefault(kind) + 1;
            }

            committer.MergePending();
            var present = others.Append(committer).Where(member => member.Group.Status != GroupStatus.Removed);
            Assert.Single(present.Select(member => Convert.ToHexString(member.Group.EpochAuthenticator.Span)).Distinct());
        }
        finally
        {
            Array.ForEach(members, member => member.Dispose());
        }
    }

    /// <summary>All take a proposal or all refuse it.</summary>
    private static void Deliver(Person[] members, MlsMessage message)
    {
        var refusals = members.Select(member => Record.Exception(() => member.Receive<ReceivedProposal>(message))).ToList();
        Assert.All(refusals, refusal => Assert.True(refusal is null or MlsException, refusal?.ToString()));
        Assert.Single(refusals.Select(refusal => (refusal as MlsException)?.Rule).Distinct());
    }

    /// <summary>Five members who do not all support the same.</summary>
    private static Person[] Gather(Random random)
    {
        var people = Enumerable.Range(0, 5).Select(i => NewMember($"member {i}", random)).ToArray();
        people[0].Create();
        for (var i = 1; i < people.Length; i++)
        {
            using var keys = people[i].NewKeyPackage();
            var (commit, welcome) = people[0].Add((people[i], keys));
            foreach (var present in people[1..i])
                present.Receive<ReceivedCommit>(commit);
            people[i].Join(welcome!, keys);
        }

        return people;
    }

    private static Person NewMember(string name, Random random)
    {
        var knowsMore = random.Next(4) > 0;
        IReadOnlyList<ushort> types = knowsMore ? [SpoilingProposals.KnownToAll, SpoilingProposals.KnownToSome] : [SpoilingProposals.KnownToAll];
        var person = new Person(
            name, extensions: types, proposals: random.Next(8) > 0 ? [ProposalTypes.SelfRemove, .. types] : types, credentials: knowsMore ? [1, 0xF001] : [1]);
        person.Psks.External["01"] = new byte[32];
        person.Psks.External["02"] = new byte[32];
        return person;
    }
}
