using Sotto.Relay.Operating;

namespace Sotto.Relay.Tests.Running;

/// <summary>A backup in a folder of its own.</summary>
public sealed class TestBackup : IDisposable
{
    private readonly RelayFolder _parent = new();

    public string Path => System.IO.Path.Combine(_parent.Path, "backup");

    public static TestBackup Of(TestRelay relay)
    {
        var backup = new TestBackup();
        RelayBackup.Make(relay.Folder, backup.Path, relay.Time);
        return backup;
    }

    public void Dispose() => _parent.Dispose();
}
