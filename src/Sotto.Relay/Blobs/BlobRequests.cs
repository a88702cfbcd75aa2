using Sotto.Wire;

namespace Sotto.Relay.Blobs;

/// <summary>A blob's place.</summary>
/// <param name="Channel">The channel it belongs to.</param>
/// <param name="Blob">Its id in there, random.</param>
public readonly record struct BlobAddress(Bytes16 Channel, Bytes16 Blob);

/// <summary>A blob to be uploaded.</summary>
/// <param name="Address">Its place.</param>
/// <param name="CapabilityHash">H of what writes it until it is whole, and reads it.</param>
/// <param name="Length">Its whole length.</param>
/// <param name="Days">How long it is kept.</param>
/// <param name="VoucherHashes">H of the vouchers that pay, one for each 16 MiB.</param>
public sealed record NewBlob(BlobAddress Address, Bytes32 CapabilityHash, long Length, int Days, IReadOnlyList<Bytes32> VoucherHashes);

/// <summary>A blob that is known.</summary>
/// <param name="Length">Its whole length.</param>
/// <param name="IsComplete">Whether all of it is there, durably.</param>
public sealed record KnownBlob(long Length, bool IsComplete);
