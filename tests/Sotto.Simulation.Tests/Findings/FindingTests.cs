using Sotto.Client;
using Sotto.Client.Joining;
using Sotto.Simulation.Tests.Running;

namespace Sotto.Simulation.Tests.Findings;

/// <summary>What seeds found, each by itself.</summary>
public sealed class FindingTests
{
    [Fact]
    public Task Messages_stay_in_order_when_refusals_of_them_come_in_another() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var (alice, bob) = BehindAnOwnCommit(scene);

        Assert.True(Scene.LetUntil(alice, "Application in 1"));
        Assert.Equal(3, Scene.LetLastFirst(alice, "Application in 1"));
        Assert.Equal(3, Scene.LetLastFirst(alice, "answer to Application in 1, Refused"));
        scene.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(["before", "one", "two", "three"], Scene.Texts(bob));
        Assert.Empty(Scene.Told(bob));
    });

    [Fact]
    public Task A_new_message_does_not_overtake_those_whose_refusal_is_on_its_way() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var (alice, bob) = BehindAnOwnCommit(scene);

        Assert.True(Scene.LetUntil(alice, "Application in 1"));
        Assert.Equal(3, Scene.LetLastFirst(alice, "Application in 1"));
        Scene.Say(alice, "four");
        Assert.Equal(0, Scene.LetLastFirst(alice, "Application in 2"));
        scene.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(["before", "one", "two", "three", "four"], Scene.Texts(bob));
        Assert.Empty(Scene.Told(bob));
    });

    [Fact]
    public Task A_join_that_begins_while_its_session_is_at_work_does_not_end_the_session() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var alice = scene.NewAccount("Alice");
        var invite = scene.NewInvite(alice);
        var bob = scene.NewPerson("Bob");
        var link = scene.Twin.NewLink();
        var registering = Worker.Run(() => bob.Client.CreateAccountAsync(link, "Bob"));
        Assert.True(Scene.LetUntil(bob, "reachability"));

        // Between the look at what is to be reserved and the look at the other steps.
        var joining = Scene.Join(bob, invite);
        Assert.Equal(1, Scene.LetLastFirst(bob, "connect"));
        while (!bob.State.Joins.Values.Any(join => join.Stage == JoinStage.Reserving))
            Assert.True(Scene.LetLastFirst(bob, "card") + Scene.LetLastFirst(bob, "directory") + Scene.LetLastFirst(bob, "answer to c") + Scene.LetLastFirst(bob, "answer to d") > 0);

        scene.Complete(registering);
        Assert.Equal("Alice", scene.Complete(joining).Name);
    });

    [Fact]
    public Task An_invite_that_expires_before_the_relay_hears_of_it_is_over_and_holds_nothing_up() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var alice = scene.NewAccount("Alice");
        alice.Part(true);
        var late = Worker.Run(() => alice.Client.CreateInviteAsync(TimeSpan.FromHours(1)));
        scene.PassInSilence(TimeSpan.FromHours(2));
        alice.Part(false);

        Assert.Equal(ClientFailure.InviteExpired, Assert.Throws<ClientException>(() => scene.Complete(late)).Failure);
        scene.Complete(Scene.Join(scene.NewPerson("Bob"), scene.NewInvite(alice)));
    });

    [Fact]
    public Task One_invite_more_than_the_relay_takes_is_refused_and_holds_nothing_up() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var alice = scene.NewAccount("Alice");
        var invites = Enumerable.Range(0, 10).Select(_ => scene.NewInvite(alice)).ToList();

        Assert.Equal(ClientFailure.RelayBusy, Assert.Throws<ClientException>(() => scene.NewInvite(alice)).Failure);
        scene.Complete(Scene.Join(scene.NewPerson("Bob"), invites[0]));
        scene.NewInvite(alice);
    });

    [Fact]
    public Task A_reservation_that_lapsed_before_the_Welcome_came_is_taken_again() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var (bob, joining) = LateWelcome(scene, inviteHours: 100, hoursAway: 26);

        Assert.Equal("Alice", scene.Complete(joining).Name);
        Assert.Empty(Scene.Told(bob));
    });

    [Fact]
    public Task A_join_whose_invite_ended_before_the_Welcome_came_is_given_up() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var (bob, joining) = LateWelcome(scene, inviteHours: 10, hoursAway: 26);

        Assert.Equal(ClientFailure.InviteExpired, Assert.Throws<ClientException>(() => scene.Complete(joining)).Failure);
        Assert.Empty(bob.State.Joins);
        Assert.True(bob.Conversations.Single().Record.IsDead);
        Assert.Equal([NoticeKind.ChannelDead], Scene.Told(bob));
    });

    [Fact]
    public Task Two_invites_of_one_person_that_are_joined_at_once_make_one_conversation() => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var alice = scene.NewAccount("Alice");
        var invites = new[] { scene.NewInvite(alice), scene.NewInvite(alice) };
        var bob = scene.NewPerson("Bob");
        var joins = invites.Select(invite => Scene.Join(bob, invite)).ToList();

        Assert.Single(joins.Select(join => scene.Complete(join).Id).Distinct());
        Scene.Say(bob, "one");
        scene.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["one"], Scene.Texts(alice));
        Assert.Empty(Scene.Told(alice));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task An_old_copy_is_noticed_that_was_made_on_the_same_connection(bool hasReadItsEcho) => Worker.OnOwnThreadAsync(() =>
    {
        using var scene = new Scene();
        var (alice, bob) = scene.NewFriends();
        bob.Keep();
        Scene.Say(bob, "one");
        if (hasReadItsEcho)
            scene.LetAll();
        else
            bob.Life.Road.Break(1);
        Assert.True(bob.GoBack());
        scene.OldCopyIsAtWork();
        scene.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal([NoticeKind.OldCopy, NoticeKind.Repaired], Scene.Told(bob));
        Assert.Empty(Scene.Texts(bob));
        Scene.Say(bob, "two");
        scene.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["one", "two"], Scene.Texts(alice));
    });

    /// <summary>Alice's own commit is at the relay for longer than its overlap, and she has three messages of the epoch before it.</summary>
    private static (SimulatedPerson Alice, SimulatedPerson Bob) BehindAnOwnCommit(Scene scene)
    {
        var (alice, bob) = scene.NewFriends();
        Scene.Say(alice, "before");
        scene.Pass(TimeSpan.FromHours(2));
        alice.Life.Road.Break(0);
        scene.PassInSilence(TimeSpan.FromSeconds(30));
        Assert.True(Scene.LetUntil(alice, "Commit in 1"), Scene.Went());
        alice.Life.Road.Break(1);
        alice.Part(true);
        foreach (var text in (string[])["one", "two", "three"])
            Scene.Say(alice, text);
        scene.PassInSilence(TimeSpan.FromMinutes(10));
        alice.Part(false);
        scene.PassInSilence(TimeSpan.FromSeconds(30));
        return (alice, bob);
    }

    /// <summary>Bob reserved, and is away before his Welcome is posted.</summary>
    private static (SimulatedPerson Bob, Task<Conversation> Joining) LateWelcome(Scene scene, int inviteHours, int hoursAway)
    {
        var alice = scene.NewAccount("Alice");
        var bob = scene.NewPerson("Bob");
        var joining = Scene.Join(bob, scene.NewInvite(alice, inviteHours));
        Assert.True(Scene.LetUntil(bob, "IntroEntry"));
        bob.Part(true);
        scene.PassInSilence(TimeSpan.FromHours(hoursAway));
        bob.Part(false);
        return (bob, joining);
    }
}
