using Sotto.Crypto.Native;
using Sotto.Fuzz;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.State;

namespace Sotto.Mls.Tests.Properties;

/// <summary>
/// One random life of a group of up to twelve: everybody proposes, commits, talks, joins, leaves, restarts and crashes
/// while others are behind; texts are late, lost, repeated and in any order. The same for the same seed.
/// </summary>
internal sealed partial class RandomRun : IDisposable
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
