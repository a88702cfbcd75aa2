using Microsoft.Extensions.Logging;
using Sotto.Relay.Storage;

namespace Sotto.Relay.Hosting;

/// <summary>A database to look after.</summary>
/// <param name="Name">The plane's.</param>
/// <param name="Health">Whether it stores.</param>
/// <param name="ProbeAsync">Writes a little.</param>
internal sealed record WatchedPlane(string Name, StorageHealth Health, Func<Task> ProbeAsync);

/// <summary>
/// Looks at the disk now and then: says in the log when trouble begins and ends, and while there is some tries to write, so that
/// a relay that nobody uses sees that it was mended.
/// </summary>
internal sealed class HealthWatch(IReadOnlyList<WatchedPlane> planes, RoomWatch room, ILogger log)
{
    private readonly StorageFailure?[] _told = new StorageFailure?[planes.Count];
    private bool _tight;

    /// <summary>One look.</summary>
    public async Task LookAsync()
    {
        for (var at = 0; at < planes.Count; at++)
        {
            var plane = planes[at];
            if (plane.Health.Trouble is not null)
                await TryAsync(plane.ProbeAsync).ConfigureAwait(false);
            _told[at] = Tell(plane.Name, _told[at], plane.Health.Trouble?.Failure);
        }

        if (room.IsTight == _tight)
            return;
        _tight = !_tight;
        if (_tight)
            log.DiskTight();
        else
            log.DiskHasRoom();
    }

    private StorageFailure? Tell(string plane, StorageFailure? before, StorageFailure? now)
    {
        if (now is { } trouble && now != before)
            log.StorageTrouble(plane, trouble);
        else if (now is null && before is not null)
            log.StorageMended(plane);
        return now;
    }

    private static async Task TryAsync(Func<Task> probe)
    {
        try
        {
            await probe().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or RelayException)
        {
            // Health goes on saying it.
        }
    }
}
