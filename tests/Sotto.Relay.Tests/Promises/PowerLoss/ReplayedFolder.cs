namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>What reached the disk since the last flushes.</summary>
internal enum Survived
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Everything, as after a kill.</summary>
    Everything,

    /// <summary>Some sectors and some names.</summary>
    Some,
}

/// <summary>
/// A folder on a disk that may lose what was not flushed. New names count as durable at once; a name that is changed or
/// taken away counts when its folder is flushed.
/// </summary>
internal sealed class ReplayedFolder(string root)
{
    private readonly Dictionary<string, ReplayedFile> _names = [];
    private readonly Dictionary<string, ReplayedFile> _durableNames = [];
    private readonly List<RecordedCall> _pendingNames = [];
    private readonly Dictionary<int, int> _flushes = [];

    public void Apply(RecordedCall call)
    {
        switch (call)
        {
            case Written or Truncated:
                FileOf(call.Path).Add(call);
                break;
            case FlushBegan began:
                _flushes[began.Call] = _names.TryGetValue(call.Path, out var file) ? file.Pending : _pendingNames.Count;
                break;
            case FlushEnded ended when _flushes.Remove(ended.Call, out var count):
                Flush(ended.Path, count);
                break;
            case Renamed or Unlinked:
                _pendingNames.Add(call);
                Change(_names, call);
                break;
        }
    }

    /// <summary>Writes what lies on the disk after the power went, under another folder.</summary>
    public void WriteTo(string folder, Survived survived, Random random)
    {
        var names = new Dictionary<string, ReplayedFile>(survived == Survived.Everything ? _names : _durableNames);
        if (survived == Survived.Some)
            _pendingNames.Take(random.Next(_pendingNames.Count + 1)).ToList().ForEach(change => Change(names, change));
        foreach (var (path, file) in names.OrderBy(name => name.Key, StringComparer.Ordinal))
        {
            // The index of the log is memory that processes share; a disk need not have it.
            if (path.EndsWith("-shm", StringComparison.Ordinal))
                continue;
            var target = Path.Combine(folder, Path.GetRelativePath(root, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, survived switch
            {
                Survived.Nothing => file.Durable(),
                Survived.Everything => file.Everything(),
                _ => file.Torn(random),
            });
        }
    }

    private ReplayedFile FileOf(string path)
    {
        if (!_names.TryGetValue(path, out var file))
            _names[path] = _durableNames[path] = file = new();
        return file;
    }

    private void Flush(string path, int count)
    {
        if (_names.TryGetValue(path, out var file))
        {
            file.Flush(count);
            return;
        }

        foreach (var change in _pendingNames.Take(count))
            Change(_durableNames, change);
        _pendingNames.RemoveRange(0, count);
    }

    private static void Change(Dictionary<string, ReplayedFile> names, RecordedCall change)
    {
        if (names.Remove(change.Path, out var file) && change is Renamed renamed)
            names[renamed.To] = file;
    }
}
