namespace Sotto.Simulation.Tests.Running;

/// <summary>What a step does. Which of the things that are there it does it to, its value says.</summary>
internal enum StepKind
{
    /// <summary>Some calls, answers and pushes get through, in any order.</summary>
    Flow,

    /// <summary>As many as a join needs.</summary>
    LongFlow,
    Register,
    Invite,
    Revoke,
    Join,
    Send,
    Reply,
    Show,
    Block,

    /// <summary>Some time passes.</summary>
    Wait,

    /// <summary>One person's wall clock is moved.</summary>
    MoveClock,

    /// <summary>All connections of a person break, with some of what is on them carried out.</summary>
    Break,

    /// <summary>Nothing of a person gets through until the next such step.</summary>
    Part,

    /// <summary>What was not acknowledged is pushed again.</summary>
    Repeat,

    /// <summary>A client ends without warning and is started again.</summary>
    Restart,

    /// <summary>It will be killed at one of its next commits.</summary>
    DieAtCommit,

    /// <summary>It will be killed at one of its next calls.</summary>
    DieAtCall,

    /// <summary>One of its next commits fails.</summary>
    FillDisk,

    /// <summary>The relay writes acknowledgements and lets go of what all have.</summary>
    SettleRelay,
    RestartRelay,
    BackUpRelay,
    RestoreRelay,

    /// <summary>A person's profile is copied, as it is now.</summary>
    KeepProfile,

    /// <summary>The copy takes the place of the profile.</summary>
    RestoreProfile,
}

/// <summary>One step of a schedule. Its value stands for whom, what and how much, whatever is there by then.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Value">Chooses.</param>
internal readonly record struct Step(StepKind Kind, uint Value)
{
    public override string ToString() => $"{Kind} {Value:x8}";
}

/// <summary>Everything that a run does, from one seed. Steps can be left out and the rest still means something.</summary>
/// <param name="Seed">Makes keys and ids.</param>
/// <param name="People">2 to 4.</param>
/// <param name="Steps">In order.</param>
internal sealed record Schedule(ulong Seed, int People, IReadOnlyList<Step> Steps)
{
    private const int RandomSteps = 70;
    private const int Calm = 4;

    private static readonly (StepKind Kind, int Weight)[] _weights =
    [
        (StepKind.Flow, 24), (StepKind.LongFlow, 6), (StepKind.Send, 26), (StepKind.Reply, 3), (StepKind.Show, 5), (StepKind.Block, 1), (StepKind.Invite, 2), (StepKind.Revoke, 1),
        (StepKind.Join, 3), (StepKind.Register, 1), (StepKind.Wait, 9), (StepKind.MoveClock, 1), (StepKind.Break, 5), (StepKind.Part, 3), (StepKind.Repeat, 3), (StepKind.Restart, 3),
        (StepKind.DieAtCommit, 3), (StepKind.DieAtCall, 2), (StepKind.FillDisk, 2), (StepKind.SettleRelay, 3), (StepKind.RestartRelay, 1), (StepKind.BackUpRelay, 1), (StepKind.RestoreRelay, 1), (StepKind.KeepProfile, 2), (StepKind.RestoreProfile, 1),
    ];

    /// <summary>The schedule of a seed: people come together, disturbed or not, and then anything happens.</summary>
    public static Schedule Of(ulong seed)
    {
        var choices = new FixedRandom(seed);
        var people = 2 + choices.Below(3);
        var steps = new List<Step>();
        var isCalm = choices.Below(Calm) > 0;
        Add(StepKind.Register, 0);
        for (var person = 1; person < people; person++)
        {
            Add(StepKind.LongFlow);
            Add(StepKind.Invite, 0);
            Add(StepKind.LongFlow);
            Add(StepKind.Join, (uint)person);
            for (var i = 0; i < 3; i++)
            {
                if (!isCalm)
                    steps.Add(Any());
                Add(StepKind.LongFlow);
            }
        }

        for (var i = 0; i < RandomSteps; i++)
            steps.Add(Any());
        return new(seed, people, steps);

        void Add(StepKind kind, uint? who = null) => steps.Add(new(kind, who is { } person ? ((uint)choices.Next() << 8) | person : (uint)choices.Next()));

        Step Any()
        {
            var at = choices.Below(_weights.Sum(entry => entry.Weight));
            foreach (var (kind, weight) in _weights)
            {
                at -= weight;
                if (at < 0)
                    return new(kind, (uint)choices.Next());
            }

            throw new InvalidOperationException("The weights do not add up.");
        }
    }
}
