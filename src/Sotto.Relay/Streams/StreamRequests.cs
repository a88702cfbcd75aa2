using Google.Protobuf;
using Sotto.Relay.Channels;
using Sotto.Relay.Metering;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Streams;

/// <summary>
/// Carries out what a client asks on a stream: each method reads the frame's fields, asks the store and makes the answer.
/// Nothing here knows who the client is; capabilities are all it shows.
/// </summary>
internal sealed class StreamRequests(IMailboxStore store, PostReader posts, ChannelHub hub, RoomWatch room, RelayMetrics metrics, TimeProvider time)
{
    private static readonly Done Success = new();

    /// <summary>The answer's body; subscriptions are the connection's own business.</summary>
    /// <exception cref="RelayException">The request is refused.</exception>
    public async Task<Frame> AnswerAsync(Frame frame) => frame.BodyCase switch
    {
        Frame.BodyOneofCase.Post => await PostAsync(frame.Post).ConfigureAwait(false),
        Frame.BodyOneofCase.CreateChannel => await DoneAsync(CreateAsync(frame.CreateChannel)).ConfigureAwait(false),
        Frame.BodyOneofCase.Claim => await DoneAsync(ClaimAsync(frame.Claim)).ConfigureAwait(false),
        Frame.BodyOneofCase.Rekey => await DoneAsync(RekeyAsync(frame.Rekey)).ConfigureAwait(false),
        Frame.BodyOneofCase.SetNote => await DoneAsync(SetNoteAsync(frame.SetNote)).ConfigureAwait(false),
        Frame.BodyOneofCase.SetWakeToken => await DoneAsync(SetWakeTokenAsync(frame.SetWakeToken)).ConfigureAwait(false),
        Frame.BodyOneofCase.OpenLane => await DoneAsync(OpenLaneAsync(frame.OpenLane)).ConfigureAwait(false),
        Frame.BodyOneofCase.CloseLane => await DoneAsync(CloseLaneAsync(frame.CloseLane)).ConfigureAwait(false),
        Frame.BodyOneofCase.Reserve => await DoneAsync(ReserveAsync(frame.Reserve)).ConfigureAwait(false),
        _ => throw new RelayException(RelayProblem.UnknownRequest),
    };

    /// <summary>Opens a mailbox for a subscription.</summary>
    /// <param name="request">Which one.</param>
    /// <param name="opened">Runs on the store's thread, before the store announces anything that comes later.</param>
    /// <exception cref="RelayException">The capability does not open it, or the entries asked for are gone.</exception>
    public Task<OpenedMailbox> ListenAsync(Subscribe request, Action<OpenedMailbox> opened) =>
        store.ListenAsync(Access(request.Channel, request.Mailbox, request.ReadCapability), request.HasAfter ? request.After : null, opened);

    private async Task<Frame> PostAsync(Post post)
    {
        room.Require();
        if (post.Kind == EntryKind.Ephemeral)
            return await PassAsync(post).ConfigureAwait(false);
        var arrived = time.GetTimestamp();
        var sequence = await store.PostAsync(posts.Read(post)).ConfigureAwait(false);
        metrics.Posted(post.Kind, time.GetElapsedTime(arrived).TotalSeconds);
        return new() { Posted = new() { Sequence = sequence } };
    }

    private async Task<Frame> PassAsync(Post post)
    {
        if (post.Blob is not null || post.Commit is not null || post.Proposal is not null || post.Intro is not null || post.Payload.IsEmpty)
            throw FrameFields.Malformed();
        FrameFields.AtMost(post.Payload, Limits.EphemeralPayload);
        FrameFields.AtMost(post.Extensions, Limits.Extensions);
        FrameFields.Exactly(post.EpochTag, Limits.EpochTag);
        var channel = await store.CheckWriterAsync(FrameFields.Sixteen(post.Channel), FrameFields.HashOfCapability(post.Capability)).ConfigureAwait(false);
        metrics.Passed();
        hub.Pass(channel, new() { EpochTag = post.EpochTag, Payload = post.Payload });
        return new() { Posted = new() };
    }

    private Task CreateAsync(CreateChannel request)
    {
        room.Require();
        FrameFields.AtMost(request.Extensions, Limits.Extensions);
        if (request.Kind is not (ChannelKind.Conversation or ChannelKind.Intro))
            throw FrameFields.Malformed();
        return store.CreateAsync(new(
            FrameFields.Sixteen(request.Channel), request.Kind, FrameFields.ThirtyTwo(request.WriteCapabilityHash),
            FrameFields.Sixteen(request.Mailbox), FrameFields.ThirtyTwo(request.ReadCapabilityHash),
            FrameFields.HashOfToken(request.Token), Bytes32.HashOf(request.ToByteArray())));
    }

    private Task ClaimAsync(Claim request) => store.ClaimAsync(
        FrameFields.Sixteen(request.Channel), FrameFields.Sixteen(request.Mailbox),
        FrameFields.HashOfCapability(request.ClaimToken), FrameFields.ThirtyTwo(request.ReadCapabilityHash));

    private Task RekeyAsync(Rekey request) => store.RekeyAsync(
        Access(request.Channel, request.Mailbox, request.ReadCapability), FrameFields.ThirtyTwo(request.NewReadCapabilityHash));

    private Task SetNoteAsync(SetNote request)
    {
        var old = request.OldNoteHash.IsEmpty ? (Bytes32?)null : FrameFields.ThirtyTwo(request.OldNoteHash);
        var note = FrameFields.Exactly(request.Note, Limits.Note).ToByteArray();
        return store.SetNoteAsync(Access(request.Channel, request.Mailbox, request.ReadCapability), old, note);
    }

    private Task SetWakeTokenAsync(SetWakeToken request)
    {
        var token = FrameFields.AtMost(request.WakeToken, Limits.WakeToken);
        return store.SetWakeTokenAsync(Access(request.Channel, request.Mailbox, request.ReadCapability), token.IsEmpty ? null : token.ToByteArray());
    }

    private Task OpenLaneAsync(OpenLane request)
    {
        room.Require();
        var expires = request.ExpiresHour == 0 ? (long?)null : (long)Math.Min(request.ExpiresHour, uint.MaxValue);
        return store.OpenLaneAsync(Owner(request.Channel, request.Capability), new(FrameFields.ThirtyTwo(request.LaneHash), request.Kind, expires, UsesOf(request, expires)));
    }

    private int UsesOf(OpenLane request, long? expires)
    {
        var isInvite = request.Kind is LaneKind.SingleUse or LaneKind.MultiUse;
        var latest = time.GetUtcNow().AddDays(Limits.InviteDays).ToUnixTimeSeconds() / 3600;
        var fits = request.Kind switch
        {
            LaneKind.SingleUse => request.Uses is 0 or 1,
            LaneKind.MultiUse => request.Uses is > 0 and <= Limits.LaneUses,
            LaneKind.Contact or LaneKind.Strangers => request.Uses == 0,
            _ => false,
        };
        if (!fits || (isInvite && !(expires <= latest)))
            throw FrameFields.Malformed();
        return Math.Max(1, (int)request.Uses);
    }

    private Task CloseLaneAsync(CloseLane request) =>
        store.CloseLaneAsync(Owner(request.Channel, request.Capability), FrameFields.ThirtyTwo(request.LaneHash));

    private Task ReserveAsync(Reserve request)
    {
        room.Require();
        return store.ReserveAsync(
            FrameFields.Sixteen(request.Channel), FrameFields.HashOfCapability(request.LaneCapability), FrameFields.ThirtyTwo(request.ReserveKeyHash));
    }

    private static async Task<Frame> DoneAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return new() { Done = Success };
    }

    private static MailboxAccess Access(ByteString channel, ByteString mailbox, ByteString readCapability) =>
        new(FrameFields.Sixteen(channel), FrameFields.Sixteen(mailbox), FrameFields.HashOfCapability(readCapability));

    private static OwnerAccess Owner(ByteString channel, ByteString capability) =>
        new(FrameFields.Sixteen(channel), FrameFields.HashOfCapability(capability));
}
