using Sotto.Relay.Storage;

namespace Sotto.Relay.Hosting;

/// <summary>Does something now and then until it is disposed. Trouble with the disk shows in health and is tried again.</summary>
internal sealed class PeriodicWork : IAsyncDisposable
{
    private readonly PeriodicTimer _timer;
    private readonly Task _running;

    public PeriodicWork(TimeSpan every, TimeProvider time, Func<Task> work)
    {
        _timer = new(every, time);
        _running = Task.Run(() => RunAsync(work));
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync(Func<Task> work)
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception e) when (e is StorageException or RelayException)
            {
                // The store's health says it.
            }
        }
    }
}
