using Google.Protobuf;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>The twin's mailbox plane: channels, mailboxes and lanes. Posting has a file of its own.</summary>
internal sealed partial class TwinChannels(TwinRelay relay)
{
    /// <summary>Taken and not yet written, as the contract allows.</summary>
    private readonly Dictionary<(Bytes16 Channel, Bytes16 Mailbox), ulong> _acknowledged = [];

    private TwinState State { get => relay.State; set => relay.State = value; }

    /// <summary>Any request but those about a connection's own subscriptions.</summary>
    public Frame Answer(Frame frame) => frame.BodyCase switch
    {
        Frame.BodyOneofCase.Post => Post(frame.Post),
        Frame.BodyOneofCase.CreateChannel => Done(() => Create(frame.CreateChannel)),
        Frame.BodyOneofCase.Claim => Done(() => Claim(frame.Claim)),
        Frame.BodyOneofCase.Rekey => Done(() => Rekey(frame.Rekey)),
        Frame.BodyOneofCase.SetNote => Done(() => SetNote(frame.SetNote)),
        Frame.BodyOneofCase.OpenLane => Done(() => OpenLane(frame.OpenLane)),
        Frame.BodyOneofCase.CloseLane => Done(() => CloseLane(frame.CloseLane)),
        Frame.BodyOneofCase.Reserve => Done(() => Reserve(frame.Reserve)),
        _ => throw relay.Refuse(RelayProblem.UnknownRequest, frame.BodyCase.ToString()),
    };

    /// <summary>The mailbox that a capability opens. The first use of the next capability ends the one before.</summary>
    public (Bytes16 Channel, Bytes16 Mailbox, TwinChannel State) Open(ByteString channel, ByteString mailbox, ByteString capability)
    {
        var (id, name, hash) = (Sixteen(channel), Sixteen(mailbox), HashOf(capability));
        if (!State.Channels.TryGetValue(id, out var found) || !found.Mailboxes.TryGetValue(name, out var box) || !box.OpensWith(hash))
            throw relay.Refuse(RelayProblem.Refused, "a mailbox");
        if (box.NextRead == hash && box.Read != hash)
            found = Save(id, found, name, box with { Read = hash, NextRead = null });
        return (id, name, found);
    }

    public ulong CursorOf(Bytes16 channel, Bytes16 mailbox) =>
        Math.Max(_acknowledged.GetValueOrDefault((channel, mailbox)), State.Channels[channel].Mailboxes[mailbox].Cursor);

    public void Acknowledge(Bytes16 channel, Bytes16 mailbox, ulong sequence) =>
        _acknowledged[(channel, mailbox)] = Math.Max(_acknowledged.GetValueOrDefault((channel, mailbox)), sequence);

    public void ForgetAcknowledgements() => _acknowledged.Clear();

    /// <summary>Writes acknowledgements and lets go of what everybody has, and of what is too old.</summary>
    public void Settle()
    {
        foreach (var ((channel, mailbox), sequence) in _acknowledged)
        {
            if (State.Channels.TryGetValue(channel, out var found) && found.Mailboxes.TryGetValue(mailbox, out var box) && sequence > box.Cursor)
                Save(channel, found, mailbox, box with { Cursor = Math.Min(sequence, box.DroppedAt ?? found.Head) });
        }

        _acknowledged.Clear();
        foreach (var (id, channel) in State.Channels)
        {
            var released = channel.Mailboxes.Values.Select(box => box.NeedsAfter).Append(channel.Head).Min();
            var kept = channel.Entries.RemoveRange(channel.Entries.Where(entry => entry.Key <= released || entry.Value.KeepUntilDay < relay.Day).Select(entry => entry.Key));
            var first = kept.IsEmpty ? channel.Head + 1 : kept.Keys.First();
            var answers = channel.Answers.RemoveRange(channel.Answers.Where(answer => relay.Now - answer.Value.At > Limits.Idempotency.TotalSeconds).Select(answer => answer.Key));
            Save(id, channel with { Entries = kept, First = Math.Max(channel.First, Math.Max(first, released + 1)), Answers = answers });
        }
    }

    private void Create(CreateChannel request)
    {
        var (id, digest) = (Sixteen(request.Channel), Bytes32.HashOf(request.ToByteArray()));
        if (request.Kind is not (ChannelKind.Conversation or ChannelKind.Intro))
            throw relay.Refuse(RelayProblem.Malformed, "a channel of no kind");
        if (State.Channels.TryGetValue(id, out var there))
        {
            if (there.Made != digest)
                throw relay.Refuse(RelayProblem.Conflict, "a channel that is there");
            return;
        }

        var mailbox = new TwinMailbox { Read = ThirtyTwo(request.ReadCapabilityHash) };
        var channel = new TwinChannel { Kind = request.Kind, Incarnation = relay.Incarnation, Made = digest, Write = ThirtyTwo(request.WriteCapabilityHash) };
        Spend(request.Token, "a channel");
        Save(id, channel with { Mailboxes = channel.Mailboxes.Add(Sixteen(request.Mailbox), mailbox) });
    }

    private void Claim(Claim request)
    {
        var (id, name, claim, read) = (Sixteen(request.Channel), Sixteen(request.Mailbox), HashOf(request.ClaimToken), ThirtyTwo(request.ReadCapabilityHash));
        if (!State.Channels.TryGetValue(id, out var channel) || !channel.Mailboxes.TryGetValue(name, out var box) || box.Claim != claim || box.DroppedAt is not null)
            throw relay.Refuse(RelayProblem.Refused, "a claim");
        if (box.Read is { } taken && taken != read && box.NextRead != read)
            throw relay.Refuse(RelayProblem.Conflict, "a mailbox that another claimed");
        if (box.Read is null)
            Save(id, channel, name, box with { Read = read });
    }

    private void Rekey(Rekey request)
    {
        var (id, name, channel) = Open(request.Channel, request.Mailbox, request.ReadCapability);
        var (box, next) = (channel.Mailboxes[name], ThirtyTwo(request.NewReadCapabilityHash));
        if (box.Read != next)
            Save(id, channel, name, box with { NextRead = next });
    }

    private void SetNote(SetNote request)
    {
        var (id, name, channel) = Open(request.Channel, request.Mailbox, request.ReadCapability);
        var box = channel.Mailboxes[name];
        if (request.Note.Length != Limits.Note || request.OldNoteHash.Length is not (0 or Bytes32.Length))
            throw relay.Refuse(RelayProblem.Malformed, "a note");
        if (box.Note is { } there && there.AsSpan().SequenceEqual(request.Note.Span))
            return;
        var current = box.Note is { } note ? ByteString.CopyFrom(Bytes32.HashOf(note).ToArray()) : ByteString.Empty;
        if (!current.Equals(request.OldNoteHash))
            throw new RelayRefusedException(RelayProblem.Conflict);
        Save(id, channel, name, box with { Note = request.Note.ToByteArray() });
    }

    private void OpenLane(OpenLane request)
    {
        var (id, channel) = RequireOwner(request.Channel, request.Capability);
        var hash = ThirtyTwo(request.LaneHash);
        var isInvite = request.Kind is LaneKind.SingleUse or LaneKind.MultiUse;
        var fits = request.Kind switch
        {
            LaneKind.SingleUse => request.Uses is 0 or 1,
            LaneKind.MultiUse => request.Uses is > 0 and <= Limits.LaneUses,
            LaneKind.Contact or LaneKind.Strangers => request.Uses == 0,
            _ => false,
        };
        if (!fits || (isInvite && request.ExpiresHour == 0))
            throw relay.Refuse(RelayProblem.Malformed, "a lane");

        // A clock that is ahead makes it too long, which is nobody's mistake.
        if (isInvite && request.ExpiresHour > (ulong)relay.Hour + (Limits.InviteDays * 24))
            throw new RelayRefusedException(RelayProblem.Malformed);
        if (!channel.Lanes.ContainsKey(hash) && channel.Lanes.Count >= Limits.Lanes)
            throw relay.Refuse(RelayProblem.QuotaReached, "lanes");
        var lane = new TwinLane(request.Kind, request.ExpiresHour == 0 ? null : (long)request.ExpiresHour, Math.Max(1, (int)request.Uses));
        if (isInvite && State.Channels.Any(other => other.Key != id && other.Value.Lanes.TryGetValue(hash, out var there) && there != lane))
            throw relay.Refuse(RelayProblem.Conflict, "a lane that stands elsewhere with other terms");
        Save(id, channel with { Lanes = channel.Lanes.SetItem(hash, lane) });
    }

    private void CloseLane(CloseLane request)
    {
        var (id, channel) = RequireOwner(request.Channel, request.Capability);
        Save(id, channel with { Lanes = channel.Lanes.Remove(ThirtyTwo(request.LaneHash)) });
    }

    private void Reserve(Reserve request)
    {
        var (lane, key) = (HashOf(request.LaneCapability), ThirtyTwo(request.ReserveKeyHash));
        if (!State.Channels.TryGetValue(Sixteen(request.Channel), out var channel) || !channel.Lanes.TryGetValue(lane, out var terms) || terms.Kind is not (LaneKind.SingleUse or LaneKind.MultiUse))
            throw relay.Refuse(RelayProblem.Refused, "a reservation of no lane");
        if (IsReserved(lane, key))
            return;
        if (terms.ExpiresHour is { } expires && relay.Hour >= expires)
            throw relay.Refuse(RelayProblem.InviteExpired, "a reservation");
        if (State.Reservations.Count(reserved => reserved.Key.Lane == lane && reserved.Value > relay.Hour) >= terms.Uses)
            throw relay.Refuse(RelayProblem.InviteUsed, "a reservation");
        State = State with { Reservations = State.Reservations.SetItem((lane, key), relay.Hour + (long)Limits.Reservation.TotalHours) };
    }

    private bool IsReserved(Bytes32 lane, Bytes32 key) => State.Reservations.TryGetValue((lane, key), out var until) && until > relay.Hour;

    private (Bytes16 Id, TwinChannel Channel) RequireOwner(ByteString channel, ByteString capability)
    {
        var id = Sixteen(channel);
        return State.Channels.TryGetValue(id, out var found) && found.Kind == ChannelKind.Intro && found.Write == HashOf(capability)
            ? (id, found)
            : throw relay.Refuse(RelayProblem.Refused, "an intro channel of somebody else");
    }

    private void Spend(Token? token, string what)
    {
        if (token is not { Type: 1, Value.Length: Limits.Capability })
            throw relay.Refuse(RelayProblem.TokenRefused, $"no voucher for {what}");
        Spend(Bytes32.HashOf(token.Value.Span), what);
    }

    private void Spend(Bytes32 hash, string what)
    {
        if (!State.Vouchers.Contains(hash))
            throw relay.Refuse(RelayProblem.TokenRefused, $"a voucher that is spent or unknown, for {what}");
        State = State with { Vouchers = State.Vouchers.Remove(hash) };
    }

    public void PutBlob(BlobUpload upload)
    {
        var (address, capability) = ((upload.Channel, upload.Blob), Bytes32.HashOf(upload.Capability.ToArray()));
        if (upload.Content.Length is 0 or > (int)Limits.Blob || upload.Days is < 1 or > 60 || upload.Vouchers.Count != (upload.Content.Length + Limits.BlobForVoucher - 1) / Limits.BlobForVoucher)
            throw relay.Refuse(RelayProblem.Malformed, "a blob");
        if (State.Blobs.TryGetValue(address, out var there))
        {
            if (there.Capability != capability || !there.Content.AsSpan().SequenceEqual(upload.Content))
                throw relay.Refuse(RelayProblem.Conflict, "another blob of this id");
            return;
        }

        if (!State.Channels.ContainsKey(upload.Channel))
            throw relay.Refuse(RelayProblem.Refused, "a blob of no channel");
        foreach (var voucher in upload.Vouchers)
            Spend(Bytes32.HashOf(voucher.ToArray()), "a blob");
        State = State with { Blobs = State.Blobs.Add(address, new(capability, upload.Content, relay.Day + upload.Days)) };
    }

    public byte[] GetBlob(Bytes16 channel, Bytes16 blob, Bytes32 capability) =>
        State.Blobs.TryGetValue((channel, blob), out var there) && there.Capability == Bytes32.HashOf(capability.ToArray()) && there.UntilDay >= relay.Day
            ? [.. there.Content]
            : throw relay.Refuse(RelayProblem.Refused, "a blob");

    private void Save(Bytes16 id, TwinChannel channel) => State = State with { Channels = State.Channels.SetItem(id, channel) };

    private TwinChannel Save(Bytes16 id, TwinChannel channel, Bytes16 name, TwinMailbox mailbox)
    {
        var changed = channel with { Mailboxes = channel.Mailboxes.SetItem(name, mailbox) };
        Save(id, changed);
        return changed;
    }

    private static Frame Done(Action work)
    {
        work();
        return new() { Done = new() };
    }

    private Bytes16 Sixteen(ByteString bytes) => bytes.Length == Bytes16.Length ? new(bytes.Span) : throw relay.Refuse(RelayProblem.Malformed, "an id");

    private Bytes32 ThirtyTwo(ByteString bytes) => bytes.Length == Bytes32.Length ? new(bytes.Span) : throw relay.Refuse(RelayProblem.Malformed, "a hash");

    private Bytes32 HashOf(ByteString capability) => Bytes32.HashOf(ThirtyTwo(capability).ToArray());
}
