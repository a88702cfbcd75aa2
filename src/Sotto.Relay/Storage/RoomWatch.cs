using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage;

/// <summary>
/// Watches how much of the disk is free. When it is too little, what would store more is refused, and reading,
/// acknowledging and deleting go on. It fails open: a disk whose size cannot be told is taken as having room.
/// </summary>
public sealed class RoomWatch(string folder, double least, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private long _looked;
    private volatile bool _isTight;

    /// <summary>Whether nothing more may be stored.</summary>
    public bool IsTight
    {
        get
        {
            var last = Volatile.Read(ref _looked);
            if (last != 0 && time.GetElapsedTime(last) < LookEvery)
                return _isTight;
            Volatile.Write(ref _looked, time.GetTimestamp());
            return _isTight = Look();
        }
    }

    /// <summary>Refuses when nothing more may be stored.</summary>
    /// <exception cref="RelayException">It is so.</exception>
    public void Require()
    {
        if (IsTight)
            throw new RelayException(RelayProblem.StorageFull);
    }

    private bool Look()
    {
        try
        {
            var drive = new DriveInfo(folder);
            return drive.AvailableFreeSpace < drive.TotalSize * least;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
