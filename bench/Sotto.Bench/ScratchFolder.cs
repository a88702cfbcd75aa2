namespace Sotto.Bench;

/// <summary>A folder in memory where there is one, so that a transfer is measured and not a disk.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string InMemory = "/dev/shm";
    private readonly string _path;

    public ScratchFolder()
    {
        var parent = Directory.Exists(InMemory) ? InMemory : Path.GetTempPath();
        _path = Path.Combine(parent, $"sotto-bench-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(_path);
        Kind = parent == InMemory ? "tmpfs" : "the temporary folder";
    }

    public string Kind { get; }

    public string Received => Path.Combine(_path, "received");

    public string Named(string name) => Path.Combine(_path, name);

    public string Fill(string name, long size)
    {
        var path = Named(name);
        using var stream = File.Create(path);
        var block = new byte[1 << 20];
        for (var left = size; left > 0; left -= block.Length)
        {
            Random.Shared.NextBytes(block);
            stream.Write(block);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
