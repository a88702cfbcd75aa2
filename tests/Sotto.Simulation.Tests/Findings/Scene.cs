using Sotto.Client;
using Sotto.Client.Invites;
using Sotto.Simulation.Tests.Running;
using Sotto.Simulation.Tests.Twin;

namespace Sotto.Simulation.Tests.Findings;

/// <summary>People and a relay whose every call a test lets go by name: what a seed found, played once more in words.</summary>
internal sealed class Scene : IDisposable
{
    private readonly SimulatedClock _clock = new();
    private readonly Ledger _ledger = new(new FixedRandom(1).Provider());
    private readonly List<SimulatedPerson> _people = [];
    private static readonly List<string> _went = [];

    public Scene() => Twin = new(_ledger, _clock);

    public TwinRelay Twin { get; }

    /// <summary>Somebody with a client and no account.</summary>
    public SimulatedPerson NewPerson(string name)
    {
        var person = new SimulatedPerson(name, Twin, _ledger, _clock);
        _people.Add(person);
        person.Open();
        return person;
    }

    /// <summary>Somebody with an account, made by the operator's link.</summary>
    public SimulatedPerson NewAccount(string name)
    {
        var person = NewPerson(name);
        var link = Twin.NewLink();
        Complete(Worker.Run(() => person.Client.CreateAccountAsync(link, name)));
        return person;
    }

    /// <summary>Two people who can talk and owe each other nothing.</summary>
    public (SimulatedPerson Alice, SimulatedPerson Bob) NewFriends()
    {
        var (alice, bob) = (NewAccount("Alice"), NewPerson("Bob"));
        Complete(Join(bob, NewInvite(alice)));
        Pass(TimeSpan.FromSeconds(10));
        return (alice, bob);
    }

    public Invite NewInvite(SimulatedPerson person, double hours = 24) => Complete(Worker.Run(() => person.Client.CreateInviteAsync(TimeSpan.FromHours(hours))));

    public static Task<Conversation> Join(SimulatedPerson person, Invite invite)
    {
        var link = InviteLink.Parse(invite.Link);
        return Worker.Run(async () => await person.Client.JoinAsync(link, await person.Client.PreviewAsync(link), person.Name));
    }

    /// <summary>What is written is stored at once, whether or not it can leave.</summary>
    public static void Say(SimulatedPerson person, string text) =>
        Worker.Run(() => new Conversation(person.State, person.Conversations.Single()).SendAsync(text)).GetAwaiter().GetResult();

    public static List<string> Texts(SimulatedPerson person) => person.Messages(person.Conversations.Single()).ConvertAll(message => message.Text);

    /// <summary>What went last, for a failure.</summary>
    public static string Went() => string.Join(", ", _went.TakeLast(30));

    /// <summary>Lets calls of a person go, the first one first, until the next one has a name; false when there was none of it.</summary>
    public static bool LetUntil(SimulatedPerson person, string name)
    {
        while (person.Life.Road.Moves(100) is [var first, ..] moves)
        {
            if (moves.Exists(move => move.Name.StartsWith(name, StringComparison.Ordinal)))
                return true;
            Go(first);
        }

        return false;
    }

    /// <summary>Lets what has a name go, the last one first.</summary>
    public static int LetLastFirst(SimulatedPerson person, string name)
    {
        var count = 0;
        while (person.Life.Road.Moves(100).FindLast(move => move.Name.StartsWith(name, StringComparison.Ordinal)) is { } last)
        {
            Go(last);
            count++;
        }

        return count;
    }

    /// <summary>Lets everything go that waits, until nothing does.</summary>
    public void LetAll()
    {
        while (_people.SelectMany(person => person.Life.Road.Moves(100)).FirstOrDefault() is { } next)
            Go(next);
    }

    /// <summary>Time passes, and what it brings goes through.</summary>
    public void Pass(TimeSpan time)
    {
        var end = _clock.Ticks + time.Ticks;
        LetAll();
        while (_clock.NextDue is { } due && due <= end)
        {
            _clock.PassTo(due);
            LetAll();
        }

        _clock.PassTo(end);
        LetAll();
    }

    /// <summary>Time passes and nothing goes through.</summary>
    public void PassInSilence(TimeSpan time) => _clock.PassTo(_clock.Ticks + time.Ticks);

    public void Complete(Task task)
    {
        Pass(TimeSpan.FromSeconds(30));
        Assert.True(task.IsCompleted, $"It does not come to an end: {Went()}");
        task.GetAwaiter().GetResult();
    }

    public T Complete<T>(Task<T> task)
    {
        Complete((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>From here on keys count that the relay has, see <see cref="Ledger.MeetsOldCopies"/>.</summary>
    public void OldCopyIsAtWork() => (_ledger.MeetsOldCopies, Twin.MeetsOldCopies) = (true, true);

    /// <summary>What a person was told that is no routine.</summary>
    public static List<NoticeKind> Told(SimulatedPerson person)
    {
        Worker.AwaitIdle();
        return [.. person.Notices.Select(notice => notice.Kind).Where(kind => kind != NoticeKind.KeysRenewed)];
    }

    public void Dispose()
    {
        _people.ForEach(person => person.Dispose());
        Assert.Null(_ledger.Finding);
        Assert.Empty(Twin.Complaints);
    }

    private static void Go(Move move)
    {
        _went.Add(move.Name);
        move.Go();
        Worker.AwaitIdle();
    }
}
