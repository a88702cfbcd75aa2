using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Channels;

/// <summary>A channel to make, with one claimed mailbox.</summary>
/// <param name="Channel">Random, of the client.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="WriteCapabilityHash">Of epoch 0, or the owner's.</param>
/// <param name="Mailbox">The creator's.</param>
/// <param name="ReadCapabilityHash">Opens that mailbox.</param>
/// <param name="TokenHash">H of the voucher that pays.</param>
/// <param name="Digest">H of the whole request: the same one again is a success.</param>
public sealed record NewChannel(Bytes16 Channel, ChannelKind Kind, Bytes32 WriteCapabilityHash, Bytes16 Mailbox, Bytes32 ReadCapabilityHash, Bytes32 TokenHash, Bytes32 Digest);

/// <summary>A mailbox and what opens it.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="ReadCapabilityHash">H of the read capability.</param>
public readonly record struct MailboxAccess(Bytes16 Channel, Bytes16 Mailbox, Bytes32 ReadCapabilityHash);

/// <summary>An intro channel and what its owner holds.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="CapabilityHash">H of the owner's capability.</param>
public readonly record struct OwnerAccess(Bytes16 Channel, Bytes32 CapabilityHash);

/// <summary>A way into an intro channel.</summary>
/// <param name="LaneHash">H of the capability that goes through it.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="ExpiresHour">Unix hours, null for none.</param>
/// <param name="Uses">Reservations it takes.</param>
public sealed record NewLane(Bytes32 LaneHash, LaneKind Kind, long? ExpiresHour, int Uses);
