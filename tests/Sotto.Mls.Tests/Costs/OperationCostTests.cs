using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Costs;

/// <summary>What each operation asks of the provider in a group of a hundred: every signature is checked once, every node hashed once.</summary>
public sealed class OperationCostTests : IDisposable
{
    private const int Members = 100;

    private readonly List<IDisposable> _owned = [];
    private readonly CountingProvider _counting = new(TestSuites.Provider);
    private readonly Person _alice;
    private readonly Person _bob;

    public OperationCostTests()
    {
        _alice = Own(new Person("Alice"));
        _bob = Own(new Person("Bob", provider: _counting));
        _alice.Create();
        var keys = Own(_bob.NewKeyPackage());
        var others = Enumerable.Range(2, Members - 2).Select(i => Own(new Person($"person {i}"))).Select(person => (person, Own(person.NewKeyPackage())));
        var (_, welcome) = _alice.Add([(_bob, keys), .. others]);
        _bob.Join(welcome!, keys);
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    [Fact]
    public void A_message_is_checked_once_and_its_sending_checks_nothing()
    {
        var message = _alice.Say("hello");
        Assert.Equal((1, 0), Cost(() => _bob.Read(message)));
        Assert.Equal((0, 0), Cost(() => _bob.Say("hello")));
    }

    [Fact]
    public void A_commit_of_new_keys_has_two_signatures_and_one_path_secret_for_each_member()
    {
        var commit = _alice.Commit().Commit;
        Assert.Equal((2, 1), Cost(() => _bob.Receive<ReceivedCommit>(commit)));

        // Bob's path goes to all others: alone his sibling Alice has a node of her own path, with the rest below their leaves.
        var (verifications, agreements) = Cost(() => _bob.Commit());
        Assert.Equal(0, verifications);
        Assert.InRange(agreements, 1, Members - 1);
    }

    [Fact]
    public void A_removal_has_two_signatures()
    {
        var commit = _alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(new(Members - 1))] }).Commit;
        Assert.Equal((2, 1), Cost(() => _bob.Receive<ReceivedCommit>(commit)));
    }

    [Fact]
    public void A_commit_that_adds_has_two_signatures_for_each_who_comes()
    {
        var added = Enumerable.Range(0, 10).Select(i => Own(new Person($"added {i}"))).Select(person => (person, Own(person.NewKeyPackage()))).ToArray();
        var commit = _alice.Add(added).Commit;
        Assert.Equal((1 + (2 * added.Length), 0), Cost(() => _bob.Receive<ReceivedCommit>(commit)));
    }

    [Fact]
    public void A_commit_hashes_the_nodes_that_it_changes_and_no_others()
    {
        _bob.Receive<ReceivedCommit>(_alice.Commit().Commit);
        var commit = _alice.Commit().Commit;
        var before = _counting.Hashes;
        _bob.Receive<ReceivedCommit>(commit);

        // Seven levels, each with a tree hash and a parent hash, the leaf, and what the key schedule and references take.
        Assert.InRange(_counting.Hashes - before, 8, 64);
    }

    private (int Verifications, int Agreements) Cost(Action operation)
    {
        var (verifications, agreements) = (_counting.Verifications, _counting.Agreements);
        operation();
        return ((int)(_counting.Verifications - verifications), (int)(_counting.Agreements - agreements));
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
