using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Costs;

/// <summary>What joining asks of the provider: no more than in proportion to the number of members.</summary>
public sealed class JoinCostTests : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_cost_of_joining_grows_with_the_members_and_not_with_their_square(bool byCommit)
    {
        var costs = new[] { 100, 200, 400 }.Select(members => CostOf(members, byCommit)).ToArray();
        for (var i = 1; i < costs.Length; i++)
        {
            // Twice the members: at most twice the calls and bytes, and one more level of the tree.
            Assert.InRange(costs[i].Verifications, costs[i - 1].Verifications, (2 * costs[i - 1].Verifications) + 8);
            Assert.InRange(costs[i].Hashes, costs[i - 1].Hashes, (2 * costs[i - 1].Hashes) + 64);
            Assert.InRange(costs[i].HashedBytes, costs[i - 1].HashedBytes, (2 * costs[i - 1].HashedBytes) + 65_536);
        }

        Assert.InRange(costs[0].Verifications, 100, 110);
        Assert.InRange(costs[2].Hashes, 400, 5 * 400);
    }

    private CountingProvider CostOf(int members, bool byCommit)
    {
        var counting = new CountingProvider(TestSuites.Provider);
        var (alice, last) = (Own(new Person("Alice")), Own(new Person("the last one", provider: counting)));
        alice.Create();
        var others = Enumerable.Range(2, members - 2).Select(i => Own(new Person($"person {i}"))).Select(person => (person, Own(person.NewKeyPackage()))).ToArray();
        alice.Add(others);
        alice.Commit();
        var keys = Own(last.NewKeyPackage());
        var welcome = byCommit ? null : MlsMessage.Of(alice.Commit(new CommitParameters { Proposals = [alice.AddOf(last, keys)], ForcePath = true }).Welcome!);
        if (welcome is not null)
            last.Join(welcome.Welcome!, keys);
        else
            last.JoinExternally(alice.Group.MakeGroupInfo());
        Assert.Equal(members, last.Group.MemberCount);
        return counting;
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
