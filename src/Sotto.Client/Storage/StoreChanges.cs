using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sotto.Mls;
using Sotto.Mls.State;

namespace Sotto.Client.Storage;

/// <summary>What one transaction changes. A later change of the same record takes the place of an earlier one.</summary>
public sealed class StoreChanges
{
    private readonly Dictionary<RecordKey, byte[]?> _changes = [];

    /// <summary>Each record that changes; null for one that goes.</summary>
    public IReadOnlyDictionary<RecordKey, byte[]?> Records => _changes;

    internal bool IsEmpty => _changes.Count == 0;

    internal StoreChanges Save(RecordKey key, byte[] value)
    {
        _changes[key] = value;
        return this;
    }

    internal StoreChanges Save<T>(RecordKey key, T value, JsonTypeInfo<T> type) => Save(key, JsonSerializer.SerializeToUtf8Bytes(value, type));

    internal StoreChanges Delete(RecordKey key)
    {
        _changes[key] = null;
        return this;
    }

    /// <summary>What an operation of MLS changes in a group's records.</summary>
    internal StoreChanges Add(GroupId group, StateChange change)
    {
        foreach (var key in change.Deleted)
            Delete(GroupKey(group, key));
        foreach (var record in change.Saved)
            Save(GroupKey(group, record.Key), record.Value);
        return this;
    }

    internal static RecordKey GroupKey(GroupId group, StateKey key)
    {
        var name = new byte[13];
        name[0] = (byte)key.Kind;
        BinaryPrimitives.WriteUInt64BigEndian(name.AsSpan(1), key.Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(name.AsSpan(9), key.Index);
        return new(StoreTable.Groups, group.Bytes, name);
    }

    internal static StateKey ReadGroupKey(ReadOnlySpan<byte> name) => new(
        (StateKind)name[0], BinaryPrimitives.ReadUInt64BigEndian(name[1..]), BinaryPrimitives.ReadUInt32BigEndian(name[9..]));

    internal static byte[] Order(ulong number)
    {
        var name = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(name, number);
        return name;
    }
}
