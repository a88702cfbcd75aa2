using Sotto.Interop.Members;

namespace Sotto.Interop;

/// <summary>Groups of which ts-mls and Sotto are members, created by either, on raw MLSMessage bytes.</summary>
public sealed class GroupTests(PeerProcess peer) : IClassFixture<PeerProcess>, IDisposable
{
    private readonly List<SottoMember> _ours = [];

    /// <summary>Every suite, with Sotto as the creator and with ts-mls.</summary>
    public static MatrixTheoryData<ushort, bool> Pairings { get; } = new(InteropSuites.All.Select(suite => suite.Id.Value), [true, false]);

    public void Dispose() => _ours.ForEach(member => member.Dispose());

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Messages_go_both_ways_in_and_out_of_order(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate, new Wish { TreeInWelcome = false });
        Assert.Equal("hello", await bob.ReadAsync(await alice.SayAsync("hello")));
        Assert.Equal("你好 👋", await alice.ReadAsync(await bob.SayAsync("你好 👋")));
        foreach (var (from, to) in new[] { (alice, bob), (bob, alice) })
        {
            var messages = new[] { await from.SayAsync("first"), await from.SayAsync("second"), await from.SayAsync("third") };
            Assert.Equal("third", await to.ReadAsync(messages[2]));
            Assert.Equal("first", await to.ReadAsync(messages[0]));
            Assert.Equal("second", await to.ReadAsync(messages[1]));
        }

        await AgreeAsync(alice, bob);
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task A_group_grows_and_shrinks_by_commits_of_both(ushort suite, bool weCreate)
    {
        foreach (var isPublic in new[] { false, true })
        {
            var group = new List<Member>();
            var (alice, bob) = await PairAsync(suite, weCreate, new Wish { IsPublic = isPublic });
            group.AddRange([alice, bob]);
            for (var i = 0; i < 4; i++)
                await AddAsync(group, group[i], New(suite, i % 2 == 0, $"member {i}"), isPublic);
            foreach (var member in group.ToArray())
                await DeliverAsync(group, member, await member.CommitAsync(new Wish { IsPublic = isPublic }));
            await RemoveAsync(group, alice, group[4], isPublic);
            await RemoveAsync(group, bob, group[2], isPublic);
            await AddAsync(group, bob, New(suite, weCreate, "the last"), isPublic);
            foreach (var speaker in group)
                await HeardByAllAsync(group, speaker);
        }
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Proposals_wait_for_the_commit_of_the_other(ushort suite, bool weCreate)
    {
        foreach (var isPublic in new[] { false, true })
        {
            var (alice, bob) = await PairAsync(suite, weCreate);
            List<Member> group = [alice, bob];
            foreach (var (proposer, committer) in new[] { (bob, alice), (alice, bob) })
            {
                var other = New(suite, !weCreate, "Charlie");
                var keyPackage = await other.NewKeyPackageAsync();
                await DeliverAsync(group, proposer, await proposer.ProposeAsync(new UpdateChange(), isPublic));
                await DeliverAsync(group, proposer, await proposer.ProposeAsync(new AddChange(keyPackage), isPublic));
                var made = await committer.CommitAsync(new Wish { IsPublic = isPublic });
                await DeliverAsync(group, committer, made.Commit);
                await other.JoinAsync(made);
                group.Add(other);
                await AgreeAsync([.. group]);

                await DeliverAsync(group, proposer, await proposer.ProposeAsync(new RemoveChange(other.Leaf), isPublic));
                await DeliverAsync(group, committer, (await committer.CommitAsync(new Wish { IsPublic = isPublic })).Commit);
                Assert.True(other.IsOut);
                group.Remove(other);
                await AgreeAsync([.. group]);
            }

            await HeardByAllAsync(group, alice);
            await HeardByAllAsync(group, bob);
        }
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Our_commits_bring_paths_keys_and_extensions_that_theirs_do_not(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        List<Member> group = [alice, bob];
        var ours = group.OfType<SottoMember>().Single();
        await DeliverAsync(group, ours, await ours.CommitAsync(new Wish { ChangesSignatureKey = true }));
        await HeardByAllAsync(group, ours);
        await AddAsync(group, ours, New(suite, false, "Charlie"), wish: new Wish { ForcesPath = true });
        await DeliverAsync(group, ours, await ours.CommitAsync(new Wish(new RequireBasicCredentialsChange())));
        await AddAsync(group, group[2], New(suite, true, "Dave"));
        foreach (var speaker in group)
            await HeardByAllAsync(group, speaker);
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Pre_shared_keys_enter_the_key_schedule(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        var charlie = New(suite, weCreate, "Charlie");
        List<Member> group = [alice, bob];
        foreach (var member in new[] { alice, bob, charlie })
            await member.KnowPskAsync("shared", "a secret that all three know"u8.ToArray());
        foreach (var committer in new[] { alice, bob })
        {
            var other = committer == alice ? bob : alice;
            await DeliverAsync(group, committer, await committer.CommitAsync(new Wish(new PskChange("shared"))));
            await DeliverAsync(group, committer, await committer.CommitAsync(new Wish(new ResumptionChange()) { IsPublic = true }));
            await DeliverAsync(group, other, await other.ProposeAsync(new PskChange("shared")));
            await DeliverAsync(group, other, await other.ProposeAsync(new ResumptionChange()));
            await DeliverAsync(group, committer, await committer.CommitAsync());
        }

        var keyPackage = await charlie.NewKeyPackageAsync();
        var made = await alice.CommitAsync(new Wish(new AddChange(keyPackage), new PskChange("shared")));
        await bob.ReceiveAsync(made.Commit);
        await charlie.JoinAsync(made);
        await AgreeAsync(alice, bob, charlie);
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Outsiders_join_by_external_commits_and_come_back(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        List<Member> group = [alice, bob];
        foreach (var (door, withTree, comes) in new[] { (alice, true, false), (bob, false, true), (bob, true, false), (alice, false, true) })
        {
            var outsider = New(suite, comes, $"outsider of {door.Name} {comes}");
            await outsider.NewKeyPackageAsync();
            await DeliverAsync(group, outsider, await outsider.JoinFromOutsideAsync(await door.DescribeAsync(withTree)));
            group.Add(outsider);
            await AgreeAsync([.. group]);
            await DeliverAsync(group, outsider, await outsider.JoinFromOutsideAsync(await door.DescribeAsync(), instead: true));
            await AgreeAsync([.. group]);
            await HeardByAllAsync(group, outsider);
        }
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task A_stranger_asks_to_be_added(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        foreach (var (door, committer, ours) in new[] { (alice, bob, true), (bob, alice, false) })
        {
            List<Member> group = [alice, bob];
            var stranger = New(suite, ours, "stranger");
            await DeliverAsync(group, stranger, await stranger.ProposeOwnAddAsync(await door.DescribeAsync()));
            var made = await committer.CommitAsync();
            await DeliverAsync(group, committer, made.Commit);
            await stranger.JoinAsync(made);
            group.Add(stranger);
            await AgreeAsync([.. group]);
            await RemoveAsync(group, door, stranger, isPublic: false);
        }
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task The_loser_of_a_race_follows_the_winner(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        foreach (var (winner, loser) in new[] { (alice, bob), (bob, alice) })
        {
            var won = await winner.PrepareCommitAsync(new Wish());
            var lost = await loser.PrepareCommitAsync(new Wish());
            await winner.MergeAsync();
            await loser.DropAsync();
            await loser.ReceiveAsync(won.Commit);
            Assert.True(await winner.RefusesAsync(lost.Commit));
            await AgreeAsync(alice, bob);
        }
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task A_broken_or_repeated_message_changes_nothing(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        foreach (var (from, to) in new[] { (alice, bob), (bob, alice) })
        {
            var message = await from.SayAsync("once");
            byte[] broken = [.. message[..^1], (byte)(message[^1] ^ 1)];
            Assert.True(await to.RefusesAsync(broken));
            Assert.Equal("once", await to.ReadAsync(message));
            Assert.True(await to.RefusesAsync(message));
        }

        await AgreeAsync(alice, bob);
    }

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task A_group_is_branched_and_reinitialised(ushort suite, bool weCreate)
    {
        var (alice, bob) = await PairAsync(suite, weCreate);
        await FollowedAsync(suite, alice, bob, branch: $"branch of {suite}");

        var reInit = await bob.ProposeAsync(new ReInitChange($"successor in {suite}"));
        await alice.ReceiveAsync(reInit);
        await bob.ReceiveAsync((await alice.CommitAsync()).Commit);
        await FollowedAsync(suite, alice, bob, branch: null);
    }

    private async Task FollowedAsync(ushort suite, Member alice, Member bob, string? branch)
    {
        var next = New(suite, bob is SottoMember, bob.Name);
        var (creator, made) = await alice.ContinueAsync(branch, await next.NewKeyPackageAsync());
        if (creator is SottoMember ours)
            _ours.Add(ours);
        await next.JoinAsync(made, old: bob);
        await AgreeAsync(creator, next);
        Assert.Equal("over here", await next.ReadAsync(await creator.SayAsync("over here")));
        Assert.Equal("yes", await creator.ReadAsync(await next.SayAsync("yes")));
    }

    private async Task<(Member Alice, Member Bob)> PairAsync(ushort suite, bool weCreate, Wish? wish = null)
    {
        var (alice, bob) = (New(suite, weCreate, "Alice"), New(suite, !weCreate, "Bob"));
        await alice.CreateAsync($"group {suite}");
        var add = new AddChange(await bob.NewKeyPackageAsync());
        var made = await alice.CommitAsync((wish ?? new Wish()) with { Changes = [add] });
        await bob.JoinAsync(made);
        await AgreeAsync(alice, bob);
        return (alice, bob);
    }

    private Member New(ushort suite, bool isOurs, string name)
    {
        Assert.SkipWhen(PeerProcess.Missing is not null, PeerProcess.Missing ?? "");
        if (!isOurs)
            return new TsMlsMember(peer, suite, name);
        var member = new SottoMember(InteropSuites.Find(suite), name);
        _ours.Add(member);
        return member;
    }

    private static async Task AddAsync(List<Member> group, Member adder, Member added, bool isPublic = false, Wish? wish = null)
    {
        var change = new AddChange(await added.NewKeyPackageAsync());
        var made = await adder.CommitAsync((wish ?? new Wish()) with { Changes = [change], IsPublic = isPublic });
        foreach (var member in group.Where(member => member != adder))
            await member.ReceiveAsync(made.Commit);
        await added.JoinAsync(made);
        group.Add(added);
        await AgreeAsync([.. group]);
    }

    private static async Task RemoveAsync(List<Member> group, Member remover, Member removed, bool isPublic)
    {
        var made = await remover.CommitAsync(new Wish(new RemoveChange(removed.Leaf)) { IsPublic = isPublic });
        await DeliverAsync(group, remover, made.Commit);
        Assert.True(removed.IsOut);
        group.Remove(removed);
        await AgreeAsync([.. group]);
    }

    private static async Task DeliverAsync(List<Member> group, Member sender, Made made)
    {
        await DeliverAsync(group, sender, made.Commit);
        await AgreeAsync([.. group]);
    }

    private static async Task DeliverAsync(List<Member> group, Member sender, byte[] message)
    {
        foreach (var member in group.Where(member => member != sender))
            await member.ReceiveAsync(message);
    }

    private static async Task HeardByAllAsync(List<Member> group, Member speaker)
    {
        var message = await speaker.SayAsync($"from {speaker.Name}");
        foreach (var member in group.Where(member => member != speaker))
            Assert.Equal($"from {speaker.Name}", await member.ReadAsync(message));
    }

    private static async Task AgreeAsync(params Member[] group)
    {
        var first = await group[0].ViewAsync();
        foreach (var member in group[1..])
            Assert.Equal(first, await member.ViewAsync());
    }
}
