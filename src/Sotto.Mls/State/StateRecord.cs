using System.Security.Cryptography;

namespace Sotto.Mls.State;

/// <summary>What a stored record holds. The numbers are stored and never change their meaning.</summary>
public enum StateKind : byte
{
    /// <summary>The group's epoch: context, secrets, own private keys. One for each group; changes with each commit.</summary>
    Group = 1,

    /// <summary>A node of the ratchet tree; the index is the node's. Changes with commits that change the node.</summary>
    Node = 2,

    /// <summary>A secret of an epoch's secret tree that was not used yet; the index is the node's.</summary>
    SecretNode = 3,

    /// <summary>A sender's ratchets in an epoch; the index is the leaf's. Changes with each message of the sender.</summary>
    Ratchet = 4,

    /// <summary>What opens late messages of a past epoch.</summary>
    PastEpoch = 5,

    /// <summary>A leaf as it was in a past epoch, where the next epoch's is another one; the index is the leaf's.</summary>
    PastLeaf = 6,

    /// <summary>The resumption PSK of a past epoch.</summary>
    ResumptionPsk = 7,

    /// <summary>A proposal that waits for a commit; the index counts from 0 in each epoch.</summary>
    Proposal = 8,

    /// <summary>An own commit that waits until it is accepted or lost.</summary>
    PendingCommit = 9,
}

/// <summary>Names a record within its group.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Epoch">The epoch that it belongs to; 0 for kinds without one.</param>
/// <param name="Index">The place that it belongs to; 0 for kinds without one.</param>
public readonly record struct StateKey(StateKind Kind, ulong Epoch, uint Index)
{
    internal void Write(TlsWriter writer)
    {
        writer.WriteByte((byte)Kind);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt32(Index);
    }

    internal static StateKey Read(ref TlsReader reader) => new((StateKind)reader.ReadByte(), reader.ReadUInt64(), reader.ReadUInt32());
}

/// <summary>One record of a group's state. The value is secret: whoever stores it seals it.</summary>
/// <param name="Key">Its name within the group.</param>
/// <param name="Value">Its content, which begins with a format number.</param>
public sealed record StateRecord(StateKey Key, byte[] Value);

/// <summary>
/// What one operation changes in storage: to be stored in one transaction, with whatever the application stores beside
/// it, before the operation is merged. Disposing it wipes the values.
/// </summary>
public sealed class StateChange : IDisposable
{
    internal StateChange(IReadOnlyList<StateRecord> saved, IReadOnlyList<StateKey> deleted)
    {
        Saved = saved;
        Deleted = deleted;
    }

    /// <summary>Records that are new or have another value.</summary>
    public IReadOnlyList<StateRecord> Saved { get; }

    /// <summary>Records that are gone. Some may never have been there.</summary>
    public IReadOnlyList<StateKey> Deleted { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var record in Saved)
            CryptographicOperations.ZeroMemory(record.Value);
    }

    internal byte[] Encode()
    {
        var writer = new TlsWriter(64 + Saved.Sum(record => record.Value.Length + 24) + (16 * Deleted.Count));
        writer.WriteList(Saved, (to, record) =>
        {
            record.Key.Write(to);
            to.WriteVector(record.Value);
        });
        writer.WriteList(Deleted, (to, key) => key.Write(to));
        var encoded = writer.ToArray();
        writer.Clear();
        return encoded;
    }

    internal static StateChange Decode(ReadOnlyMemory<byte> encoded)
    {
        var reader = new TlsReader(encoded);
        var saved = new List<StateRecord>();
        for (var list = reader.ReadVectorReader(); !list.IsAtEnd;)
            saved.Add(new StateRecord(StateKey.Read(ref list), list.ReadVector().ToArray()));
        var deleted = new List<StateKey>();
        for (var list = reader.ReadVectorReader(); !list.IsAtEnd;)
            deleted.Add(StateKey.Read(ref list));
        reader.End();
        return new StateChange(saved, deleted);
    }
}
