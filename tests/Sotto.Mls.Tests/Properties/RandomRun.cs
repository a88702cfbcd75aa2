using System.Text;
using Sotto.Crypto.Native;
using Sotto.Fuzz;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Properties;

/// <summary>
/// One random life of a group of up to twelve: everybody proposes, commits, talks, joins, leaves, restarts and crashes
/// while others are behind; texts are late, lost, repeated and in any order. The same for the same seed.
/// </summary>
internal sealed class RandomRun : IDisposable
{
    private const int MostPeople = 12;
    private const ulong PastEpochs = 2;

    private readonly FixedRandom _choices;
    private readonly DeliveryLog _log = new();
    private readonly List<Device> _people = [];
    private readonly List<SentText> _texts = [];
    private readonly List<(Device Joiner, Welcome Welcome, int Cursor)> _welcomes = [];
    private readonly List<(Device Removed, IReadOnlyList<StateRecord> Before)> _stolen = [];
    private readonly PskTable _psks = new();
    private readonly NotingProvider _provider;
    private readonly CipherSuite _suite;

    public RandomRun(ulong seed, CipherSuite suite)
    {
        _choices = new FixedRandom(seed);
        _suite = suite;
        var random = new FixedRandom(~seed);
        var gate = new Lock();
        _provider = new NotingProvider(new NativeCryptoProvider(destination =>
        {
            lock (gate)
                random.Fill(destination);
        }));
        _psks.External[Convert.ToHexString(PskId)] = new byte[32];
        NewDevice().Create("run");
        See(_people[0]);
    }

    public static byte[] PskId { get; } = [7];

    /// <summary>How often what happened.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public void Dispose() => _people.ForEach(device => device.Dispose());

    public void Run(int steps)
    {
        Gather(_choices.Below(MostPeople));
        for (var step = 0; step < steps; step++)
            Step();
        CatchUp();
        ReadWhatIsLeft();
        TryWhatWasKept();
        End();
    }

    /// <summary>The first people, all in one commit.</summary>
    private void Gather(int count)
    {
        var creator = _people[0];
        var adds = Enumerable.Range(0, count).Select(_ => creator.AddOf(NewDevice())).ToArray<Proposal>();
        var made = creator.Do(
            group => group.PrepareCommit(new CommitParameters { Proposals = adds }, Groups.Person.Now), commit => new MadeCommitMessage(commit.Message, commit.Welcome), Mishap.None)!;
        creator.Unposted = (creator.Release(made.Commit), made.Welcome);
        Settle(creator);
        while (_welcomes.Count > 0)
            JoinByWelcome();
    }

    private void Step()
    {
        var device = Pick(_people.FindAll(person => person.Group is not null));
        switch (_choices.Below(40))
        {
            case < 13:
                TakeNext(device);
                break;
            case < 18:
                Say(device);
                break;
            case < 24 when _texts.Count > 0:
                Deliver(_texts[^(1 + _choices.Below(Math.Min(_texts.Count, 20)))], device);
                break;
            case < 27:
                Propose(device);
                break;
            case < 32:
                Commit(device);
                break;
            case < 33:
                Settle(device);
                break;
            case < 36:
                JoinByWelcome();
                break;
            case < 37:
                JoinFromOutside();
                break;
            case < 39:
                Meddle(device);
                break;
            default:
                Restart(device);
                break;
        }
    }

    // Texts.

    private void Say(Device device)
    {
        if (!device.IsActive || device.Group!.WaitingProposals.Count > 0)
            return;
        var number = _texts.Count;
        var said = device.Do(group => group.PrepareMessage(Encoding.UTF8.GetBytes($"text {number}")), made => made.Message, AnyMishap());
        if (said is not null)
            _texts.Add(new SentText(number, device, device.Release(said), device.Group!.Epoch.Value));
        Did(device, "said");
    }

    private void Deliver(SentText text, Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || device == text.Sender)
            return;
        var own = device.Group.Epoch.Value;
        var isReadable = text.Epoch <= own && own - text.Epoch <= PastEpochs && text.Epoch >= device.Joined && !device.Read.Contains(text.Number);
        if (!isReadable)
        {
            device.Refuse(text.Message);
            Count("texts refused");
            return;
        }

        var mishap = AnyMishap();
        device.Do(
            group => Assert.IsType<ReceivedApplication>(group.Receive(text.Message)),
            received =>
            {
                Assert.Equal($"text {text.Number}", Encoding.UTF8.GetString(received.Data.Span));
                return received;
            },
            mishap);
        if (mishap != Mishap.GivenUp)
            device.Read.Add(text.Number);
        Did(device, own == text.Epoch ? "read" : "read late");
    }

    // Proposals and commits.

    private void Propose(Device device)
    {
        if (!device.IsActive)
            return;
        var encrypt = _choices.Below(2) == 0;
        var parameters = new MessageParameters { Encrypt = encrypt };
        var isUpdate = _choices.Below(3) == 0;
        try
        {
            var proposed = isUpdate
                ? device.Do(group => group.PrepareUpdate(AnyLeafChange(device), parameters), made => made.Message, AnyMishap())
                : device.Do(group => group.PrepareProposal(AnyProposal(device, byValue: false), parameters), made => made.Message, AnyMishap());
            if (proposed is not null)
                _log.TryPost(device, device.Release(proposed));
            Did(device, isUpdate ? "update proposed" : "proposed");
        }
        catch (MlsException)
        {
            Did(device, "proposal not made");
        }
    }

    private void Commit(Device device)
    {
        if (!device.IsActive || device.Group!.HasPendingCommit)
            return;
        var parameters = new CommitParameters
        {
            Proposals = [.. Enumerable.Range(0, _choices.Below(3)).Select(_ => AnyProposal(device, byValue: true))],
            Encrypt = _choices.Below(2) == 0,
            ForcePath = _choices.Below(3) == 0,
            IncludeWaiting = _choices.Below(4) > 0,
            Leaf = AnyLeafChange(device),
        };
        try
        {
            var made = device.Do(
                group => group.PrepareCommit(parameters, Groups.Person.Now), commit => new MadeCommitMessage(commit.Message, commit.Welcome), AnyMishap());
            if (made is not null)
                device.Unposted = (device.Release(made.Commit), made.Welcome);
            Did(device, "commit made");
        }
        catch (MlsException)
        {
            Did(device, "commit not made");
            return;
        }

        if (_choices.Below(4) > 0)
            Settle(device);
    }

    /// <summary>A commit that waits is posted, and entered or given up; one whose message was lost in a crash is given up.</summary>
    private void Settle(Device device)
    {
        if (!device.IsActive || !device.Group!.HasPendingCommit)
            return;
        if (device.Unposted is { } waiting && _log.TryPost(device, waiting.Commit))
        {
            Count("commits accepted");
            Admit(device.Group, waiting.Commit, waiting.Welcome);
            device.Unposted = null;
            if (_choices.Below(2) == 0)
                TakeNext(device);
            return;
        }

        if (IsOwnNext(device))
            return;
        device.Do(group => group.PrepareDropOfPending(), dropped => dropped, AnyMishap());
        if (!device.Group!.HasPendingCommit)
            device.Unposted = null;
        Did(device, "commit dropped");
    }

    private void Admit(MlsGroup group, MlsMessage commit, Welcome? welcome)
    {
        if (welcome is null)
            return;
        var cursor = _log.Entries.Count;
        Assert.Equal(group.Epoch.Value, commit.Epoch!.Value.Value);
        foreach (var joiner in _people.Where(person => person.IsInvitedBy(welcome)))
            _welcomes.Add((joiner, welcome, cursor));
    }

    /// <summary>Whether the own commit that is pending was accepted and comes back some time.</summary>
    private bool IsOwnNext(Device device) => _log.Entries.Skip(device.Cursor).Any(entry => entry.IsCommit && entry.Sender == device
        && entry.Message.Epoch!.Value == device.Group!.Epoch);

    private void TakeNext(Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || device.Cursor >= _log.Entries.Count)
            return;
        var entry = _log.Entries[device.Cursor];
        if (entry.Sender == device && !entry.IsCommit || device.TakenEarly.Contains(entry.Index))
        {
            device.Cursor++;
            return;
        }

        var mishap = AnyMishap();
        var isOwn = entry.IsCommit && entry.Sender == device;
        var before = entry.IsCommit ? device.CopyStored() : null;
        if (isOwn && _choices.Below(2) == 0)
            device.Do(group => group.PrepareMergeOfPending(), received => received, mishap);
        else
            device.Do(group => group.Receive(entry.Message), received => received, mishap);
        if (mishap == Mishap.GivenUp)
            return;
        device.Cursor++;
        if (entry.IsCommit)
            device.Unposted = null;
        if (device.Group is null || device.Group.Status == GroupStatus.Removed)
        {
            Count("removed");
            device.Leave();
            _stolen.Add((device, before!));
            return;
        }

        See(device);
        Did(device, isOwn ? "own commit entered" : entry.IsCommit ? "commit followed" : "proposal taken");
    }

    /// <summary>Entries out of their order and again: only a proposal of the same epoch may be taken early.</summary>
    private void Meddle(Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || _log.Entries.Count == 0)
            return;
        var entry = Pick(_log.Entries);
        var isFresh = entry.Index >= device.Cursor && !device.TakenEarly.Contains(entry.Index) && entry.Sender != device;
        if (entry.Message.Epoch == device.Group.Epoch && (isFresh || (entry.Sender == device && entry.IsCommit)) && entry.Index >= device.Cursor)
        {
            if (entry.IsCommit)
                return;
            device.Do(group => Assert.IsType<ReceivedProposal>(group.Receive(entry.Message)), received => received, Mishap.None);
            device.TakenEarly.Add(entry.Index);
            Did(device, "proposal taken early");
            return;
        }

        if (entry.Message.Epoch == device.Group.Epoch && entry.Message.Format == WireFormat.PublicMessage && !entry.IsCommit)
        {
            var before = Groups.Person.StateHash(device.Group);
            device.Do(group => group.Receive(entry.Message), received => received, Mishap.None);
            Assert.Equal(before, Groups.Person.StateHash(device.Group!));
        }
        else
        {
            device.Refuse(entry.Message);
        }

        Did(device, "entry out of turn");
    }

    // Coming and going.

    private void JoinByWelcome()
    {
        if (_welcomes.Count == 0)
            return;
        var (joiner, welcome, cursor) = Pick(_welcomes);
        _welcomes.Remove((joiner, welcome, cursor));
        if (joiner.Group is not null)
            return;
        try
        {
            joiner.Join(welcome);
        }
        catch (MlsException refused) when (refused.Rule == MlsRule.PskAvailable)
        {
            // A resumption PSK went into the commit, which only those who were there have.
            Count("could not join");
            return;
        }

        joiner.Cursor = cursor;
        See(joiner);
        Did(joiner, "joined by Welcome");
    }

    private void JoinFromOutside()
    {
        var door = _people.Find(person => person.IsActive && person.Group!.Epoch.Value == _log.Epoch);
        if (door is null)
            return;
        var joiner = _choices.Below(2) == 0 ? Pick(_people) : AnyOutsider();
        if (joiner is null || joiner == door || (joiner.IsActive && joiner.Group!.Epoch.Value != _log.Epoch) || _welcomes.Exists(welcome => welcome.Joiner == joiner))
            return;
        LeafIndex? instead = joiner.IsActive ? joiner.Group!.OwnIndex : null;
        if (instead is null && door.Group!.Members.Count() >= MostPeople)
            return;
        var selfRemoves = _log.Entries.Where(entry => entry.Message.Epoch == door.Group!.Epoch && IsSelfRemove(entry)).ToList();
        selfRemoves.RemoveAll(entry => entry.Sender == joiner || entry.Sender == door);
        var commit = joiner.JoinFromOutside(
            door.Group!.MakeGroupInfo(), instead, [.. selfRemoves.DistinctBy(entry => entry.Sender).Select(entry => entry.Message)], _choices.Below(2) == 0);
        if (instead is null && _choices.Below(2) == 0 && _people.Find(person => person.Unposted is not null) is { } rival)
            Settle(rival);
        if (!_log.TryPost(joiner, commit))
        {
            joiner.Leave();
            Count("external commit lost");
            return;
        }

        joiner.Cursor = _log.Entries.Count;
        See(joiner);
        Did(joiner, instead is null ? "joined from outside" : "resynced");
    }

    private static bool IsSelfRemove(LogEntry entry) =>
        entry.Message.PublicMessage?.Content.Content.Body is ProposalBody { Proposal: SelfRemoveProposal };

    private void Restart(Device device)
    {
        if (device.Group is null)
            return;
        var before = Groups.Person.StateHash(device.Group);
        device.Restart();
        Assert.Equal(before, Groups.Person.StateHash(device.Group));
        Did(device, "restarted");
    }

    // How a run ends.

    private void CatchUp()
    {
        while (_welcomes.Count > 0)
            JoinByWelcome();
        foreach (var device in _people)
        {
            while (device.Group is not null && device.Cursor < _log.Entries.Count)
                TakeNext(device);
        }

        var present = Present();
        Assert.NotEmpty(present);
        Assert.All(present, device => Assert.Equal(_log.Epoch, device.Group!.Epoch.Value));
    }

    private List<Device> Present() => _people.FindAll(device => device.Group is { Status: not GroupStatus.Removed });

    /// <summary>Everybody reads everything that is still kept, and nothing of it again.</summary>
    private void ReadWhatIsLeft()
    {
        foreach (var device in Present())
        {
            foreach (var text in _texts)
            {
                for (var tries = 0; tries < 20 && !IsDone(device, text); tries++)
                    Deliver(text, device);
                if (device.Read.Contains(text.Number))
                    device.Refuse(text.Message);
            }
        }
    }

    /// <summary>Who was removed and kept all that it held before opens nothing of the epochs since, whatever epoch it is told.</summary>
    private void TryWhatWasKept()
    {
        foreach (var (removed, before) in _stolen)
        {
            using var kept = removed.LoadApart(before);
            foreach (var text in _texts.Where(text => text.Epoch > kept.Epoch.Value))
            {
                Assert.Throws<MlsException>(() => kept.Receive(text.Message).Dispose());
                var renamed = MlsMessage.Of(text.Message.PrivateMessage! with { Epoch = kept.Epoch });
                Assert.Throws<MlsException>(() => kept.Receive(renamed).Dispose());
                Count("tried by a removed member");
            }
        }
    }

    private bool IsDone(Device device, SentText text) => device == text.Sender || device.Read.Contains(text.Number)
        || text.Epoch < device.Joined || _log.Epoch - text.Epoch > PastEpochs;

    /// <summary>A linked group of all that are present.</summary>
    private void End()
    {
        var present = Present();
        var first = present[0];
        if (!first.IsActive || present.Count < 2 || present.Exists(device => device.Group!.HasPendingCommit))
            return;
        var isComplete = present.Count == first.Group!.MemberCount;
        var usage = isComplete && _choices.Below(2) == 0 ? ResumptionUsage.ReInit : ResumptionUsage.Branch;
        if (usage == ResumptionUsage.ReInit)
        {
            var reInit = new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, _suite.Id, ExtensionList.Empty);
            var commit = first.Do(
                group => group.PrepareCommit(new CommitParameters { Proposals = [reInit], IncludeWaiting = false }, Groups.Person.Now), made => made.Message, Mishap.None)!;
            first.Release(commit);
            Assert.True(_log.TryPost(first, commit));
            CatchUp();
            Assert.All(present, device => Assert.Equal(GroupStatus.ReInitialised, device.Group!.Status));
        }

        Continue(present, usage);
    }

    private void Continue(List<Device> present, ResumptionUsage usage)
    {
        using var next = new DeviceCircle([.. present.Select(device => new Device(device.Name, _suite, _provider, _psks))]);
        var creator = next.Devices[0];
        creator.Create("next");
        var adds = next.Devices.Skip(1).Select(creator.AddOf).ToArray<Proposal>();
        var made = creator.Do(
            group => group.PrepareLinkedCommit(present[0].Group!, usage, new CommitParameters { Proposals = adds }, Groups.Person.Now),
            commit => new MadeCommitMessage(commit.Message, commit.Welcome), Mishap.None)!;
        creator.Do(group => group.PrepareMergeOfPending(), received => received, Mishap.None);
        var log = new DeliveryLog();
        log.RequireAgreement(creator.Group!);
        foreach (var (device, old) in next.Devices.Zip(present).Skip(1))
        {
            device.Join(made.Welcome!, old.Group);
            log.RequireAgreement(device.Group!);
            device.RequireWhole();
        }

        Count(usage == ResumptionUsage.ReInit ? "re-initialised" : "branched");
    }

    // Choices.

    private T Pick<T>(IReadOnlyList<T> list) => list[_choices.Below(list.Count)];

    private Mishap AnyMishap() => _choices.Below(12) switch
    {
        0 => Mishap.GivenUp,
        1 => Mishap.MemoryLost,
        _ => Mishap.None,
    };

    private LeafChange AnyLeafChange(Device device) =>
        _choices.Below(5) == 0 ? new LeafChange { SigningKey = device.NewSigningKey() } : LeafChange.None;

    private Proposal AnyProposal(Device device, bool byValue)
    {
        switch (_choices.Below(8))
        {
            case < 3 when AnyOutsider() is { } outsider && device.Group!.MemberCount < MostPeople:
                return device.AddOf(outsider);
            case < 5 when device.Group!.MemberCount > 2:
                return new RemoveProposal(Pick([.. device.Group.Members.Select(member => member.Index)]));
            case 5 when device.Group!.MemberCount > 2 && !byValue:
                return new SelfRemoveProposal();
            case 6:
                return new GroupContextExtensionsProposal(_choices.Below(2) == 0
                    ? ExtensionList.Empty
                    : new ExtensionList([new RequiredCapabilities([], [ProposalTypes.SelfRemove], [1]).ToExtension()]));
            case 7 when device.Group!.Epoch.Value > 0 && _choices.Below(2) == 0:
                return new PreSharedKeyProposal(new ResumptionPskId(ResumptionUsage.Application, device.Group.GroupId, device.Group.Epoch));
            default:
                return new PreSharedKeyProposal(new ExternalPskId(PskId));
        }
    }

    /// <summary>Somebody who is in no group and was not invited, or somebody new as long as there is room.</summary>
    private Device? AnyOutsider()
    {
        var outside = _people.FindAll(person => person.Group is null && !_welcomes.Exists(welcome => welcome.Joiner == person));
        if (outside.Count > 0 && (_people.Count >= MostPeople || _choices.Below(2) == 0))
            return Pick(outside);
        return _people.Count < MostPeople ? NewDevice() : null;
    }

    private Device NewDevice()
    {
        var device = new Device($"person {_people.Count}", _suite, _provider, _psks);
        _people.Add(device);
        return device;
    }

    private void See(Device device) => _log.RequireAgreement(device.Group!);

    private void Did(Device device, string what)
    {
        if (device.Group is not null)
            device.RequireWhole();
        Count(what);
    }

    private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    private sealed record MadeCommitMessage(MlsMessage Commit, Welcome? Welcome);

    private sealed class DeviceCircle(IReadOnlyList<Device> devices) : IDisposable
    {
        public IReadOnlyList<Device> Devices { get; } = devices;

        public void Dispose()
        {
            foreach (var device in Devices)
                device.Dispose();
        }
    }
}
