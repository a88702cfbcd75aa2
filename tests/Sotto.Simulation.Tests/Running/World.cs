using Sotto.Client;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Crypto.Native;
using Sotto.Simulation.Tests.Twin;

namespace Sotto.Simulation.Tests.Running;

/// <summary>People, their clients and a relay, driven step by step through a schedule.</summary>
internal sealed partial class World : IDisposable
{
    private const int MostInvites = 12;

    private readonly Schedule _schedule;
    private readonly SimulatedClock _clock = new();
    private readonly Ledger _ledger;
    private readonly TwinRelay _twin;
    private readonly List<SimulatedPerson> _people = [];
    private readonly List<(int Inviter, Invite Invite)> _invites = [];
    private readonly List<(string What, int Person, Life Life, Task Task)> _doing = [];
    private readonly List<string> _record = [];
    private TwinState? _backup;
    private bool _movedClocks;

    public World(Schedule schedule)
    {
        _schedule = schedule;
        var random = new FixedRandom(~schedule.Seed);
        var gate = new Lock();
        _ledger = new(new NativeCryptoProvider(bytes =>
        {
            lock (gate)
                random.Fill(bytes);
        }));
        _twin = new(_ledger, _clock);
        foreach (var name in (string[])["Alice", "Bob", "Charlie", "Dora"])
        {
            if (_people.Count < schedule.People)
                _people.Add(new(name, _twin, _ledger, _clock));
        }
    }

    /// <summary>How often what happened.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    /// <summary>Everything that happened, line by line.</summary>
    public IReadOnlyList<string> Record => _record;

    public void Run()
    {
        _people.ForEach(person => person.Open());
        foreach (var step in _schedule.Steps)
        {
            _record.Add($"# {step}");
            Do(step);
            Look();
        }

        Heal();
        Check();
    }

    public void Dispose() => _people.ForEach(person => person.Dispose());

    private void Do(Step step)
    {
        var choices = new FixedRandom(step.Value);
        var who = (int)(step.Value & 0xFF) % _people.Count;
        var person = _people[who];
        switch (step.Kind)
        {
            case StepKind.Flow:
                Flow(choices, 1 + choices.Below(12));
                break;
            case StepKind.LongFlow:
                Flow(choices, 60);
                break;
            case StepKind.Wait:
                Wait(choices);
                break;
            case StepKind.MoveClock:
                person.Clock.Offset = TimeSpan.FromMinutes(choices.Below(2 * 24 * 60) - (24 * 60));
                _movedClocks = true;
                break;
            case StepKind.Break:
                person.Life.Road.Break(choices.Below(4));
                break;
            case StepKind.Part:
                person.Part(!person.IsParted);
                break;
            case StepKind.Repeat:
                person.Life.Road.Repeat();
                break;
            case StepKind.Restart:
                person.Restart();
                break;
            case StepKind.DieAtCommit:
                (person.Life.Store.DiesAt, person.Life.Store.DiesAfter) = (choices.Below(8), choices.Below(2) == 0);
                break;
            case StepKind.DieAtCall:
                person.Life.Road.DiesAt = choices.Below(10);
                break;
            case StepKind.KeepProfile:
                person.Keep();
                break;
            case StepKind.RestoreProfile when person.GoBack():
                (_twin.MeetsOldCopies, _ledger.MeetsOldCopies) = (true, true);
                Count("profile restored");
                break;
            case StepKind.FillDisk:
                person.Life.Store.FullAt = choices.Below(6);
                break;
            default:
                if (!TryRelay(step.Kind))
                    Act(step.Kind, who, choices);
                break;
        }

        Worker.AwaitIdle();
    }

    private bool TryRelay(StepKind kind)
    {
        switch (kind)
        {
            case StepKind.SettleRelay:
                _twin.Channels.Settle();
                return true;
            case StepKind.RestartRelay:
                BreakAll();
                _twin.Restart();
                return true;
            case StepKind.BackUpRelay:
                _twin.Channels.Settle();
                _backup = _twin.State;
                return true;
            case StepKind.RestoreRelay when _backup is { } backup:
                BreakAll();
                _twin.Restore(backup);
                _ledger.Forget();
                _backup = null;
                Count("relay restored");
                return true;
            default:
                return kind == StepKind.RestoreRelay;
        }
    }

    private void BreakAll() => _people.ForEach(person => person.Life.Road.Break(0));

    /// <summary>Lets some calls, answers and pushes through, each when everybody is idle after the one before.</summary>
    private void Flow(FixedRandom choices, int most)
    {
        for (var i = 0; i < most; i++)
        {
            var moves = Moves(1 + choices.Below(5));
            if (moves.Count == 0)
                return;
            Go(moves[choices.Below(moves.Count)]);
            Revive();
        }
    }

    private List<Move> Moves(int pushed) => [.. _people.SelectMany(person => person.Life.Road.Moves(pushed).Select(move => move with { Name = $"{person.Name}: {move.Name}" }))];

    private void Go(Move move)
    {
        _record.Add(move.Name);
        move.Go();
        Worker.AwaitIdle();
    }

    private void Wait(FixedRandom choices)
    {
        var time = choices.Below(8) switch
        {
            < 3 => TimeSpan.FromSeconds(1 + choices.Below(20)),
            < 5 => TimeSpan.FromMinutes(1 + choices.Below(10)),
            < 7 => TimeSpan.FromHours(1 + choices.Below(5)),
            _ => TimeSpan.FromDays(1 + choices.Below(3)),
        };
        _clock.PassTo(_clock.Ticks + time.Ticks);
    }

    private void Act(StepKind kind, int who, FixedRandom choices)
    {
        var person = _people[who];
        switch (kind)
        {
            case StepKind.Register when !person.Client.HasAccount && person.State.Joins.IsEmpty:
                var link = _twin.NewLink();
                Start("register", who, ends => person.Client.CreateAccountAsync(link, person.Name, ends));
                break;
            case StepKind.Invite when person.Client.HasAccount && !person.State.Relays.IsEmpty && _invites.Count < MostInvites:
                var uses = choices.Below(4) == 0 ? 2 : 1;
                var lasts = TimeSpan.FromHours(2 + choices.Below(160));
                Start("invite", who, async ends => Remember(who, await person.Client.CreateInviteAsync(lasts, uses, ends)));
                break;
            case StepKind.Revoke when _invites.FindAll(known => known.Inviter == who) is { Count: > 0 } own:
                Start("revoke", who, ends => person.Client.RevokeInviteAsync(own[choices.Below(own.Count)].Invite.Name, ends));
                break;
            case StepKind.Join when _invites.FindAll(known => CanJoin(who, known.Inviter)) is { Count: > 0 } others:
                var invite = InviteLink.Parse(others[^(1 + choices.Below(Math.Min(3, others.Count)))].Invite.Link);
                Start("join", who, async ends => await person.Client.JoinAsync(invite, await person.Client.PreviewAsync(invite, ends), person.Name, ends));
                break;
            case StepKind.Send or StepKind.Reply or StepKind.Show or StepKind.Block when person.Conversations.FindAll(conversation => conversation.IsShown) is { Count: > 0 } shown:
                Talk(kind, person, who, shown[choices.Below(shown.Count)], choices);
                break;
        }
    }

    private void Talk(StepKind kind, SimulatedPerson person, int who, ConversationState state, FixedRandom choices)
    {
        // What an old copy writes before it has read on may be under keys that were used: see docs/threat-model.md.
        if (person.WentBack && !state.IsCaughtUp && !state.IsStopped)
            return;
        var conversation = new Conversation(person.State, state);
        switch (kind)
        {
            case StepKind.Send:
                for (var i = choices.Below(4); i >= 0; i--)
                    Say(person, who, conversation, null);
                break;
            case StepKind.Reply when person.Messages(state) is { Count: > 0 } messages:
                Say(person, who, conversation, messages[choices.Below(messages.Count)].Id);
                break;
            case StepKind.Show when person.Messages(state) is { Count: > 0 } messages:
                Start("show", who, ends => conversation.MarkShownAsync(messages[choices.Below(messages.Count)].Place, ends));
                break;
            case StepKind.Block:
                var blocks = !state.Record.IsBlocked;
                Start("block", who, ends => person.Client.BlockAsync(conversation, blocks, ends));
                break;
        }
    }

    private void Say(SimulatedPerson person, int who, Conversation conversation, Client.Content.MessageId? replyTo)
    {
        var text = $"{person.Name} {++person.Said}";
        var to = conversation.Id;
        Start("send", who, async ends =>
        {
            await conversation.SendAsync(text, replyTo, ends);
            person.Acknowledged[text] = to;
        });
    }

    private void Remember(int inviter, Invite invite) => _invites.Add((inviter, invite));

    private void Start(string what, int who, Func<CancellationToken, Task> work)
    {
        var life = _people[who].Life;
        Count(what);
        _doing.Add((what, who, life, Worker.Run(async () =>
        {
            await work(life.Ends);
            Count($"{what} done");
        })));
    }

    /// <summary>After each step: who died lives again, what was asked for came to an end that it may have, and nothing broke.</summary>
    private void Look()
    {
        Revive();
        foreach (var done in _doing.FindAll(doing => doing.Task.IsCompleted))
        {
            _doing.Remove(done);
            if (done.Task.Exception?.InnerException is { } failure && !IsExpected(done.Life, failure))
                throw new SimulationException($"{_people[done.Person].Name} could not {done.What}: {failure}");
        }

        foreach (var person in _people)
        {
            LookAtSession(person);
            LookAtNotices(person);
            LookAtBlocked(person);
        }

        if (_ledger.Finding is { } finding)
            throw new SimulationException(finding);
        if (_twin.Complaints is [var complaint, ..])
            throw new SimulationException($"The relay was asked what no client may ask: {complaint}");
    }

    /// <summary>A session may end for good only because the relay never takes the account with the token that there is.</summary>
    private void LookAtSession(SimulatedPerson person)
    {
        if (person.Client.FailureAt(_twin.Fingerprint) is { } failure and not Client.Relays.RegistrationRefusedException)
            throw new SimulationException($"{person.Name}'s session has ended: {failure}");
    }

    private void LookAtNotices(SimulatedPerson person)
    {
        while (person.Notices.TryDequeue(out var notice))
        {
            _record.Add($"{person.Name} is told {notice.Kind} {notice.Count}");
            Count($"told {notice.Kind}");
            person.WasOfferedInVain |= notice.Kind == NoticeKind.WelcomeRefused;
            if (!IsExpected(notice.Kind) && !IsGivenUp(notice) && !(notice.Kind == NoticeKind.WelcomeRefused && HasRevoked(person)))
                throw new SimulationException($"{person.Name} was told {notice.Kind}.");
        }
    }

    /// <summary>Nobody does anything wrong here, so whatever says that something is wrong is a finding, but after a restore.</summary>
    private bool IsExpected(NoticeKind kind) => kind switch
    {
        NoticeKind.KeysRenewed or NoticeKind.OpenedElsewhere => true,
        NoticeKind.RelayRestored => _twin.WasRestored,
        NoticeKind.ChannelDead or NoticeKind.WelcomeRefused or NoticeKind.ConversationReset or NoticeKind.ResetNeeded => _twin.WasRestored || _twin.MeetsOldCopies,
        NoticeKind.OldCopy or NoticeKind.RepairAsked or NoticeKind.Repaired or NoticeKind.PeerRepaired or NoticeKind.MessagesMissing or NoticeKind.NotOpened or NoticeKind.MailboxTaken => _twin.MeetsOldCopies,
        _ => false,
    };

    /// <summary>Somebody may have been joining while the invite was taken back.</summary>
    private static bool HasRevoked(SimulatedPerson person) => person.State.Invites.Values.Any(invite => invite.State == InviteState.Revoked);

    /// <summary>A join whose invite ended on its way is given up, and so is its conversation, of which nobody else ever heard.</summary>
    private bool IsGivenUp(NoticeRaised notice) => notice is { Kind: NoticeKind.ChannelDead, Conversation.State: { } given } && IsGivenUp(given);

    private bool IsGivenUp(ConversationState conversation) => conversation.Record is { IsOwn: true, IsDead: true }
        && !_people.Exists(person => person.Client.HasAccount && person.Client.Account.Value == conversation.Record.Peer && person.State.Conversations.ContainsKey(conversation.Record.Id));

    private void Revive()
    {
        foreach (var person in _people.FindAll(person => person.Life.IsKilled))
        {
            Count("killed");
            person.Restart();
        }
    }

    private void LookAtBlocked(SimulatedPerson person)
    {
        foreach (var conversation in person.Conversations)
        {
            var id = conversation.Record.Id;
            if (!conversation.Record.IsBlocked)
            {
                person.Blocked.Remove(id);
                continue;
            }

            person.EverBlocked.Add(id);
            var received = person.Messages(conversation).Count(message => !message.IsOwn);
            if (!person.Blocked.TryAdd(id, received) && person.Blocked[id] != received)
                throw new SimulationException($"{person.Name} was shown something of a blocked person.");
        }
    }

    private bool IsExpected(Life life, Exception failure) => failure switch
    {
        KilledException or OperationCanceledException or ObjectDisposedException => life.IsKilled,
        ClientException { Failure: ClientFailure.InviteUsed or ClientFailure.InviteExpired or ClientFailure.InviteRevoked or ClientFailure.InviteUnknown } => true,
        ClientException { Failure: ClientFailure.RelayUnreachable or ClientFailure.RelayBusy or ClientFailure.StoreFailed or ClientFailure.ReadOnly } => true,
        Client.Relays.RelayUnreachableException => true,
        // Keys are refused that are not valid yet, by a clock that is far behind.
        ClientException { Failure: ClientFailure.IdentityRefused } => _movedClocks,
        ClientException => life.IsKilled,
        _ => false,
    };

    private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;
}
