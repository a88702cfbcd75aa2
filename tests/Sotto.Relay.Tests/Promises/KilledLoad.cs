using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Promises;

/// <summary>Load that a kill interrupts after a number of answers.</summary>
internal sealed class KilledLoad(int limit)
{
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answers;

    /// <summary>A request was answered.</summary>
    public void Count()
    {
        if (Interlocked.Increment(ref _answers) == limit)
            _enough.TrySetResult();
    }

    /// <summary>Kills the relay when the number is reached, and waits for the clients, which end with it.</summary>
    public async Task RunAsync(RelayProcess relay, params Task[] clients)
    {
        // A client whose check fails is heard at once, not when the patience ends.
        await (await Task.WhenAny([_enough.Task, .. clients.Select(Failed)]).WaitAsync(StreamClient.Patience));
        relay.Kill();
        await Task.WhenAll(clients).WaitAsync(StreamClient.Patience);
    }

    /// <summary>Ends only when the client fails; one that is done leaves the others their time.</summary>
    private async Task Failed(Task client)
    {
        await client;
        await _enough.Task;
    }
}
