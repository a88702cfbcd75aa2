using Sotto.Client;

namespace Sotto.Simulation.Tests.Running;

/// <summary>A client from when it is opened until it ends or is killed.</summary>
internal sealed class Life : IDisposable
{
    private readonly CancellationTokenSource _ends = new();

    public SottoClient Client { get; set; } = null!;

    public MortalStore Store { get; set; } = null!;

    public SimulatedRoad Road { get; set; } = null!;

    public bool IsKilled { get; private set; }

    /// <summary>Gives up what somebody waits for in this life.</summary>
    public CancellationToken Ends => _ends.Token;

    public KilledException Kill()
    {
        IsKilled = true;
        return new();
    }

    public void RequireAlive()
    {
        if (IsKilled)
            throw new KilledException();
    }

    public void Dispose()
    {
        _ends.Cancel();
        _ends.Dispose();
    }
}
