using System.Buffers.Binary;
using Sotto.Client.Sqlite;
using Sotto.Client.Storage;
using Sotto.Mls.State;

namespace Sotto.Bench.Mls;

/// <summary>A group's records in the client's SQLite file on a disk: each change is one transaction that has reached the disk.</summary>
internal sealed class StateFile : IDisposable
{
    private const byte Table = 1;
    private static readonly byte[] Scope = new byte[16];

    private readonly string _folder = Directory.CreateTempSubdirectory("sotto-bench-").FullName;
    private readonly SqliteRecordFile _file;

    public StateFile() => _file = SqliteRecordFile.Open(Path.Combine(_folder, "state.db"));

    public void Store(StateChange change)
    {
        IReadOnlyList<FileRow> rows =
        [
            .. change.Deleted.Select(key => new FileRow(NameOf(key), _file.Opening, null)),
            .. change.Saved.Select(record => new FileRow(NameOf(record.Key), _file.Opening, record.Value)),
        ];
        _file.CommitAsync(rows, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _file.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    private static RowKey NameOf(StateKey key)
    {
        var name = new byte[16];
        name[0] = (byte)key.Kind;
        BinaryPrimitives.WriteUInt64BigEndian(name.AsSpan(1), key.Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(name.AsSpan(9), key.Index);
        return new(Table, Scope, name);
    }
}
