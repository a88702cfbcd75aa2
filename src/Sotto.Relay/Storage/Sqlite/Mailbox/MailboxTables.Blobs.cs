using Sotto.Relay.Blobs;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>What is known of blobs; their bytes lie in a folder.</summary>
internal sealed partial class MailboxTables
{
    private const int BlobsInGroup = 500;

    private BlobQueries _blobs = null!;
    private SqliteStatement _hasVoucher = null!;
    private SqliteStatement _insertBlob = null!;
    private SqliteStatement _completeBlob = null!;
    private SqliteStatement _expiredBlobs = null!;
    private SqliteStatement _deleteBlob = null!;

    public KnownBlob CreateBlob(NewBlob blob)
    {
        if (_blobs.TryFind(blob.Address) is { } there)
        {
            return there.CapabilityHash == blob.CapabilityHash && there.Known.Length == blob.Length
                ? there.Known
                : throw new RelayException(RelayProblem.Conflict);
        }

        if (Find(blob.Address.Channel) is null)
            throw Refused();
        if (!blob.VoucherHashes.All(voucher => Count(_hasVoucher.Start().With(voucher)) == 1))
            throw new RelayException(RelayProblem.TokenRefused);
        foreach (var voucher in blob.VoucherHashes)
            TrySpend(voucher);
        _insertBlob.Start().With(blob.Address.Channel).With(blob.Address.Blob).With(blob.CapabilityHash).With(blob.Length).With(Today + blob.Days).Run();
        return new(blob.Length, false);
    }

    public bool CompleteBlob(BlobAddress address)
    {
        _completeBlob.Start().With(address.Channel).With(address.Blob).Run();
        return true;
    }

    public List<BlobAddress> DropExpiredBlobs()
    {
        var expired = new List<BlobAddress>();
        _expiredBlobs.Start().With(Today).With(BlobsInGroup);
        while (_expiredBlobs.Next())
            expired.Add(new(_expiredBlobs.Sixteen(0), _expiredBlobs.Sixteen(1)));
        foreach (var address in expired)
            _deleteBlob.Start().With(address.Channel).With(address.Blob).Run();
        return expired;
    }

    private void PrepareBlobs()
    {
        _blobs = new(_connection);
        _hasVoucher = _connection.Prepare("SELECT count(*) FROM vouchers WHERE hash = ?");
        _insertBlob = _connection.Prepare("INSERT INTO blobs VALUES(?, ?, ?, ?, 0, ?)");
        _completeBlob = _connection.Prepare("UPDATE blobs SET complete = 1 WHERE channel = ? AND blob = ?");
        _expiredBlobs = _connection.Prepare("SELECT channel, blob FROM blobs WHERE expires_day < ? LIMIT ?");
        _deleteBlob = _connection.Prepare("DELETE FROM blobs WHERE channel = ? AND blob = ?");
    }
}
