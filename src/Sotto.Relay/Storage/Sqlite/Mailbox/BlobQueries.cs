using Sotto.Relay.Blobs;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>Finding blobs, on the writer's connection or a reader's.</summary>
internal sealed class BlobQueries(SqliteConnection connection)
{
    private readonly SqliteStatement _find = connection.Prepare("SELECT capability_hash, length, complete FROM blobs WHERE channel = ? AND blob = ?");

    /// <summary>Unknown and not allowed are the same answer.</summary>
    public KnownBlob Find(BlobAddress address, Bytes32 capabilityHash) => TryFind(address) is { } blob && blob.CapabilityHash == capabilityHash
        ? blob.Known
        : throw new RelayException(RelayProblem.Refused);

    public (Bytes32 CapabilityHash, KnownBlob Known)? TryFind(BlobAddress address)
    {
        if (!_find.Start().With(address.Channel).With(address.Blob).Next())
            return null;
        var found = (_find.ThirtyTwo(0), new KnownBlob(_find.Integer(1), _find.Integer(2) != 0));
        _find.Reset();
        return found;
    }
}
