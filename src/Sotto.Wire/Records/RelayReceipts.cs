namespace Sotto.Wire.Records;

/// <summary>
/// What a relay's receipt for a commit is over: <c>opaque channel[16]; opaque incarnation[8]; uint64 number;
/// opaque payload_hash[32]; opaque next_write_capability_hash[32]</c>. Of a payload in the blob store, the hash that the post
/// names counts.
/// </summary>
/// <param name="Channel">The channel.</param>
/// <param name="Incarnation">The relay's incarnation, 8 bytes as a number.</param>
/// <param name="Number">The handshake number that the commit created.</param>
/// <param name="PayloadHash">H of the payload.</param>
/// <param name="NextWriteCapabilityHash">As the commit named it.</param>
public sealed record CommitReceiptContent(Bytes16 Channel, ulong Incarnation, ulong Number, Bytes32 PayloadHash, Bytes32 NextWriteCapabilityHash)
{
    /// <summary>The bytes to sign, label included.</summary>
    public byte[] ToSign() => SignContent.Encode(SignContent.CommitReceipt, new TlsWriter()
        .Sixteen(Channel).Number64(Incarnation).Number64(Number).ThirtyTwo(PayloadHash).ThirtyTwo(NextWriteCapabilityHash).Written);
}

/// <summary>What a relay's receipt for a registration is over: <c>opaque account_id[32]</c>.</summary>
/// <param name="Account">The account.</param>
public sealed record RegistrationReceiptContent(Bytes32 Account)
{
    /// <summary>The bytes to sign, label included.</summary>
    public byte[] ToSign() => SignContent.Encode(SignContent.RegistrationReceipt, new TlsWriter().ThirtyTwo(Account).Written);
}
