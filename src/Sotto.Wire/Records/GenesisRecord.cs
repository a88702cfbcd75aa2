namespace Sotto.Wire.Records;

/// <summary>
/// What an account is: <c>header without account id; opaque account_key[32]; opaque recovery_signature_key_hash[32];
/// opaque recovery_sealing_key_hash[32]; extensions</c>. Signed by nobody: the account id is its hash.
/// </summary>
/// <param name="AccountKey">The first account key, Ed25519.</param>
/// <param name="RecoverySignatureKeyHash">H of the recovery key that signs, Ed25519.</param>
/// <param name="RecoverySealingKeyHash">H of the recovery key that recovery records are sealed to, X-Wing.</param>
public sealed record GenesisRecord(Bytes32 AccountKey, Bytes32 RecoverySignatureKeyHash, Bytes32 RecoverySealingKeyHash)
{
    /// <summary>The id of the account that these bytes begin.</summary>
    public static Bytes32 AccountIdOf(ReadOnlySpan<byte> genesis) => Bytes32.HashOf(genesis);

    /// <summary>Reads exactly one genesis record.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static GenesisRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var known = RecordHeader.IsAt(ref reader, RecordType.Genesis);
        var record = new GenesisRecord(reader.ThirtyTwo(), reader.ThirtyTwo(), reader.ThirtyTwo());
        known &= RecordHeader.SkipExtensions(ref reader);
        return known && reader.AtEnd ? record : throw new RecordException("genesis record");
    }

    /// <summary>The bytes whose hash is the account id, without extensions.</summary>
    public byte[] Encode() => RecordHeader.End(RecordHeader.Begin(RecordType.Genesis)
        .ThirtyTwo(AccountKey).ThirtyTwo(RecoverySignatureKeyHash).ThirtyTwo(RecoverySealingKeyHash));
}
