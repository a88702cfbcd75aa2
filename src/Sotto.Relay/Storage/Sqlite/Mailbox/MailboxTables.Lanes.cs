using Sotto.Relay.Channels;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>Intro channels: lanes, reservations, and what comes in through them.</summary>
internal sealed partial class MailboxTables
{
    /// <summary>How long a Welcome lies in a lane and may be replaced by its sender.</summary>
    private const int WelcomeDays = 60;

    private SqliteStatement _saveLane = null!;
    private SqliteStatement _findLane = null!;
    private SqliteStatement _countLanes = null!;
    private SqliteStatement _countOtherTerms = null!;
    private SqliteStatement _deleteLane = null!;
    private SqliteStatement _saveReservation = null!;
    private SqliteStatement _findReservation = null!;
    private SqliteStatement _countReservations = null!;
    private SqliteStatement _insertEntry = null!;
    private SqliteStatement _deleteReplaced = null!;
    private SqliteStatement _sizeOfReplaced = null!;

    private long ThisHour => Now / 3600;

    /// <summary>
    /// A reservation stands for an invite's lane at all its channels, so its terms are the same at all of them: nobody can
    /// reserve more or longer by way of a channel of their own.
    /// </summary>
    public bool OpenLane(OwnerAccess access, NewLane lane)
    {
        var channel = RequireOwner(access);
        if (FindLane(channel.Key, lane.LaneHash) is null && CountLanes(channel.Key) >= Limits.Lanes)
            throw new RelayException(RelayProblem.QuotaReached);
        if (lane.Kind is LaneKind.SingleUse or LaneKind.MultiUse && Count(_countOtherTerms.Start().With(lane.LaneHash).With(channel.Key.Value)
            .With((long)lane.Kind).With((long)lane.Uses).With(lane.ExpiresHour)) > 0)
            throw new RelayException(RelayProblem.Conflict, "The lane stands elsewhere with other terms.");
        _saveLane.Start().With(channel.Key.Value).With(lane.LaneHash).With((long)lane.Kind).With(lane.ExpiresHour).With((long)lane.Uses).Run();
        return true;
    }

    public bool CloseLane(OwnerAccess access, Bytes32 laneHash)
    {
        var channel = RequireOwner(access);
        _deleteLane.Start().With(channel.Key.Value).With(laneHash).Run();
        return true;
    }

    /// <summary>
    /// One reservation stands for a lane at however many intro channels it is, so it is kept by the lane alone. It lapses
    /// unless a Welcome comes.
    /// </summary>
    public bool Reserve(Bytes16 id, Bytes32 laneHash, Bytes32 reserveKeyHash)
    {
        var lane = Find(id) is { Kind: ChannelKind.Intro } channel ? FindLane(channel.Key, laneHash) : null;
        if (lane is not { Kind: LaneKind.SingleUse or LaneKind.MultiUse })
            throw Refused();
        if (IsReserved(laneHash, reserveKeyHash))
            return true;
        if (lane.ExpiresHour is { } expires && ThisHour >= expires)
            throw new RelayException(RelayProblem.InviteExpired);
        if (CountReservations(laneHash) >= lane.Uses)
            throw new RelayException(RelayProblem.InviteUsed);
        _saveReservation.Start().With(laneHash).With(reserveKeyHash).With(ThisHour + (long)Limits.Reservation.TotalHours).Run();
        return true;
    }

    private void PrepareLanes()
    {
        _saveLane = _connection.Prepare("INSERT OR REPLACE INTO lanes VALUES(?, ?, ?, ?, ?)");
        _findLane = _connection.Prepare("SELECT kind, expires_hour, uses FROM lanes WHERE channel = ? AND lane_hash = ?");
        _countLanes = _connection.Prepare("SELECT count(*) FROM lanes WHERE channel = ?");
        _countOtherTerms = _connection.Prepare("""
            SELECT count(*) FROM lanes
            WHERE lane_hash = ? AND kind IN (1, 2) AND channel != ? AND (kind != ? OR uses != ? OR expires_hour IS NOT ?)
            """);
        _deleteLane = _connection.Prepare("DELETE FROM lanes WHERE channel = ? AND lane_hash = ?");
        _saveReservation = _connection.Prepare("INSERT OR REPLACE INTO reservations VALUES(?, ?, ?)");
        _findReservation = _connection.Prepare("SELECT 1 FROM reservations WHERE lane_hash = ? AND reserve_hash = ? AND expires_hour > ?");
        _countReservations = _connection.Prepare("SELECT count(*) FROM reservations WHERE lane_hash = ? AND expires_hour > ?");
        _insertEntry = _connection.Prepare("INSERT INTO entries VALUES(?, ?, ?, ?, ?, ?)");
        _deleteReplaced = _connection.Prepare("DELETE FROM entries WHERE channel = ? AND reserve_hash = ?");
        _sizeOfReplaced = _connection.Prepare("SELECT total(length(body)) FROM entries WHERE channel = ? AND reserve_hash = ?");
    }

    /// <summary>
    /// Intro entries go where they stay at once and not through the log. A later Welcome of the same joiner takes the place
    /// of the earlier one.
    /// </summary>
    private PostTaken PostIntro(ChannelState channel, NewEntry entry, NewIntro intro)
    {
        var lane = FindLane(channel.Key, entry.CapabilityHash) ?? throw Refused();
        var replaces = CheckLane(lane, entry.CapabilityHash, intro);
        RequireRoom(channel, entry.Body.Length);
        if (lane.Kind == LaneKind.Strangers)
            PayAsStranger(channel, entry.CapabilityHash, intro.TokenHash);

        if (replaces is { } key)
        {
            Replace(channel, key);
            _saveReservation.Start().With(entry.CapabilityHash).With(key).With(ThisHour + WelcomeDays * 24).Run();
        }

        var body = entry.Encode(channel.NextSequence);
        var sequence = channel.NextSequence++;
        _insertEntry.Start().With(channel.Key.Value).With(sequence).With(Today + WelcomeDays).With(Today).With(replaces).With(body).Run();
        InsertAnswer(channel, entry.IdempotencyId, entry.Digest, sequence, Today);
        channel.Settled = sequence;
        channel.Backlog++;
        channel.BacklogBytes += body.Length;
        Save(channel);
        return new(channel.Key, sequence, new(sequence, body), []);
    }

    /// <summary>A voucher for each post, and few posts in an hour. Only who has a voucher uses up the hour's share.</summary>
    private void PayAsStranger(ChannelState channel, Bytes32 laneHash, Bytes32? tokenHash)
    {
        if (tokenHash is not { } voucher || Count(_hasVoucher.Start().With(voucher)) == 0)
            throw new RelayException(RelayProblem.TokenRefused);
        _strangers.Count(Bytes32.HashOf([.. channel.Id.ToArray(), .. laneHash.ToArray()]));
        TrySpend(voucher);
    }

    /// <returns>The reserve key's hash, in a lane that is reserved.</returns>
    private Bytes32? CheckLane(Lane lane, Bytes32 laneHash, NewIntro intro)
    {
        if (lane.Kind is LaneKind.SingleUse or LaneKind.MultiUse)
            return intro.ReserveKeyHash is { } key && IsReserved(laneHash, key) ? key : throw Refused();
        return lane.ExpiresHour is { } expires && ThisHour >= expires ? throw new RelayException(RelayProblem.InviteExpired) : null;
    }

    private void Replace(ChannelState channel, Bytes32 reserveKeyHash)
    {
        _sizeOfReplaced.Start().With(channel.Key.Value).With(reserveKeyHash).Next();
        channel.BacklogBytes -= _sizeOfReplaced.Integer(0);
        _sizeOfReplaced.Reset();
        _deleteReplaced.Start().With(channel.Key.Value).With(reserveKeyHash).Run();
        channel.Backlog -= _connection.Changes;
    }

    private ChannelState RequireOwner(OwnerAccess access)
    {
        var channel = Require(access.Channel, ChannelKind.Intro);
        return channel.WriteHash == access.CapabilityHash ? channel : throw Refused();
    }

    private Lane? FindLane(ChannelKey channel, Bytes32 laneHash)
    {
        if (!_findLane.Start().With(channel.Value).With(laneHash).Next())
            return null;
        var lane = new Lane((LaneKind)_findLane.Integer(0), _findLane.OptionalInteger(1), (int)_findLane.Integer(2));
        _findLane.Reset();
        return lane;
    }

    private long CountLanes(ChannelKey channel) => Count(_countLanes.Start().With(channel.Value));

    private bool IsReserved(Bytes32 laneHash, Bytes32 reserveKeyHash)
    {
        var found = _findReservation.Start().With(laneHash).With(reserveKeyHash).With(ThisHour).Next();
        _findReservation.Reset();
        return found;
    }

    private long CountReservations(Bytes32 laneHash) => Count(_countReservations.Start().With(laneHash).With(ThisHour));

    private static long Count(SqliteStatement started)
    {
        started.Next();
        var count = started.Integer(0);
        started.Reset();
        return count;
    }

    private sealed record Lane(LaneKind Kind, long? ExpiresHour, int Uses);
}
