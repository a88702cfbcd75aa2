using Sotto.Client;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Storage;
using Sotto.Simulation.Tests.Twin;

namespace Sotto.Simulation.Tests.Running;

/// <summary>Somebody with a profile, a clock, and a client that dies and is started again.</summary>
internal sealed class SimulatedPerson(string name, TwinRelay twin, Ledger ledger, SimulatedClock clock) : IDisposable
{
    private MemoryStore _disk = new();
    private MemoryStore? _kept;
    private Life? _life;

    public string Name => name;

    /// <summary>Whether an old copy of the profile took the place of the newest one at some time.</summary>
    public bool WentBack { get; private set; }

    public SimulatedClock.PersonClock Clock { get; } = clock.NewPersonClock();

    public Life Life => _life!;

    public SottoClient Client => Life.Client;

    public ClientState State => Client.State;

    /// <summary>Whether nothing of this person gets through.</summary>
    public bool IsParted { get; private set; }

    /// <summary>Texts of which somebody was told that they are stored for sending, by the other's account.</summary>
    public Dictionary<string, string> Acknowledged { get; } = [];

    /// <summary>How many of the other's messages were there when they were blocked, by conversation.</summary>
    public Dictionary<Wire.Bytes16, int> Blocked { get; } = [];

    /// <summary>Conversations in which somebody was blocked at some time.</summary>
    public HashSet<Wire.Bytes16> EverBlocked { get; } = [];

    /// <summary>Whether a Welcome was refused here, which happens after a restore and when the invite was taken back.</summary>
    public bool WasOfferedInVain { get; set; }

    public int Said { get; set; }

    /// <summary>What the person was told, in every life, apart from messages.</summary>
    public Queue<NoticeRaised> Notices { get; } = new();

    public void Open()
    {
        var life = new Life();
        life.Store = new(_disk, life);
        life.Road = new(twin, ledger, life) { IsCut = IsParted };
        var opening = Worker.Run(() => SottoClient.OpenAsync(new()
        {
            Crypto = ledger,
            Store = life.Store,
            Relays = new TwinRelays(twin, life.Road),
            Time = Clock,
        }));
        if (!opening.IsCompleted)
            throw new SimulationException($"{name}'s client does not open.");
        life.Client = opening.GetAwaiter().GetResult();
        _life = life;
        Worker.Run(() =>
        {
            _ = ListenAsync(life.Client);
            return Task.CompletedTask;
        });
    }

    /// <summary>Ends the client, as when the machine is switched off, and starts it over what it stored.</summary>
    public void Restart()
    {
        Close();
        _disk = _disk.Reopen();
        Open();
    }

    /// <summary>Copies the profile, as a backup of the machine does, once everything that was begun is complete.</summary>
    public void Keep()
    {
        if (State.Relays.Values.Any(own => own.HasKeyPackages) && State.Joins.Values.All(join => join.Stage == JoinStage.Waiting))
            _kept = _disk.Copy();
    }

    /// <summary>The client goes on with the copy, if there is one.</summary>
    /// <returns>Whether there was.</returns>
    public bool GoBack()
    {
        if (_kept is not { } kept)
            return false;
        Close();
        _disk = kept.Copy();
        WentBack = true;
        Acknowledged.Clear();
        Blocked.Clear();
        Open();
        return true;
    }

    public void Dispose() => Close();

    public void Close()
    {
        if (_life is null)
            return;
        Life.Kill();
        Life.Road.Break(0);
        var closing = Worker.Run(() => Client.DisposeAsync().AsTask());
        Life.Dispose();
        Worker.AwaitIdle();
        if (!closing.IsCompleted)
            throw new SimulationException($"{name}'s client does not close.");
        closing.GetAwaiter().GetResult();
        _life = null;
    }

    public void Part(bool isParted)
    {
        IsParted = isParted;
        Life.Road.IsCut = isParted;
        if (isParted)
            Life.Road.Break(0);
    }

    /// <summary>The conversations of now, in the order of their ids.</summary>
    public List<ConversationState> Conversations => [.. State.Conversations.Values.OrderBy(conversation => Convert.ToHexString(conversation.Record.Id.ToArray()), StringComparer.Ordinal)];

    private async Task ListenAsync(SottoClient client)
    {
        await foreach (var happened in client.Events)
        {
            if (happened is NoticeRaised notice)
                Notices.Enqueue(notice);
        }
    }

    public List<Message> Messages(ConversationState conversation)
    {
        var reading = Worker.Run(() => new Conversation(State, conversation).ReadAsync(int.MaxValue));
        return [.. reading.GetAwaiter().GetResult()];
    }
}

/// <summary>Something that must hold does not.</summary>
internal sealed class SimulationException(string message) : Exception(message);
