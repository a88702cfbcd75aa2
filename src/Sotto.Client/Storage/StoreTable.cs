namespace Sotto.Client.Storage;

/// <summary>A kind of record. Numbers and versions are stored and never change their meaning.</summary>
/// <param name="Number">Names the kind in the store.</param>
/// <param name="Version">Of the values' format.</param>
/// <param name="IsOrdered">Whether names are numbers whose order the store may show, so that they can be read in ranges; others are hidden.</param>
public sealed record StoreTable(byte Number, byte Version, bool IsOrdered)
{
    internal static StoreTable Account { get; } = new(1, 1, false);

    internal static StoreTable Relays { get; } = new(2, 1, false);

    internal static StoreTable KeyPackages { get; } = new(3, 1, false);

    internal static StoreTable Invites { get; } = new(4, 1, false);

    internal static StoreTable Joins { get; } = new(5, 1, false);

    internal static StoreTable Conversations { get; } = new(6, 1, false);

    /// <summary>MLS state; the scope is the group, the name a <see cref="Sotto.Mls.State.StateKey"/>.</summary>
    internal static StoreTable Groups { get; } = new(7, 1, false);

    /// <summary>The scope is the conversation, the name the place in it.</summary>
    internal static StoreTable Messages { get; } = new(8, 1, true);

    /// <summary>The scope is the conversation, the name a message id, the value its place.</summary>
    internal static StoreTable MessagePlaces { get; } = new(9, 1, false);

    /// <summary>What is to be posted, in order.</summary>
    internal static StoreTable Outbox { get; } = new(10, 1, true);

    /// <summary>Hashes of what came through the intro channel.</summary>
    internal static StoreTable IntroHashes { get; } = new(11, 1, false);

    /// <summary>Own contents that the other has not seen yet; the scope is the conversation, the name the counter.</summary>
    internal static StoreTable Unseen { get; } = new(12, 1, true);

    /// <summary>The newest commits of a channel with the relay's receipts; the scope is the conversation, the name the number.</summary>
    internal static StoreTable Commits { get; } = new(13, 1, true);

    /// <summary>Epoch authenticators of a group; the scope is the group, the name the epoch.</summary>
    internal static StoreTable Epochs { get; } = new(14, 1, true);

    /// <summary>Welcomes on their way to a contact: of a reset, or of a device that asked for repair. The name is the conversation.</summary>
    internal static StoreTable Foundings { get; } = new(15, 1, false);

    /// <summary>Welcomes of a contact that wait; the scope is the conversation, the name the H.</summary>
    internal static StoreTable Offers { get; } = new(16, 1, false);
}

/// <summary>Names a record.</summary>
/// <param name="Table">Its kind.</param>
/// <param name="Scope">What it belongs to; empty where there is nothing.</param>
/// <param name="Name">Its name in there; 8 bytes, big-endian, in an ordered table.</param>
public readonly record struct RecordKey(StoreTable Table, ReadOnlyMemory<byte> Scope, ReadOnlyMemory<byte> Name)
{
    /// <summary>Whether both name the same record.</summary>
    public bool Equals(RecordKey other) =>
        Table.Number == other.Table.Number && Scope.Span.SequenceEqual(other.Scope.Span) && Name.Span.SequenceEqual(other.Name.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Table.Number);
        hash.AddBytes(Scope.Span);
        hash.AddBytes(Name.Span);
        return hash.ToHashCode();
    }
}

/// <summary>A stored record.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its content. Secret.</param>
public sealed record StoredRecord(RecordKey Key, byte[] Value);
