using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>Signatures of records: Ed25519 over <see cref="SignContent"/>.</summary>
internal static class RecordSigning
{
    /// <summary>Signed by the device; inside conversations only.</summary>
    public static ReadOnlySpan<byte> Profile => "Sotto 1 profile"u8;

    /// <summary>Signed by the device that issues an invite.</summary>
    public static ReadOnlySpan<byte> Card => "Sotto 1 card"u8;

    public static SignedRecord Sign(SigningKey key, ReadOnlySpan<byte> label, byte[] body) =>
        new(body, key.Sign(SignContent.Encode(label, body)));

    public static bool Verifies(ICryptoProvider crypto, Bytes32 key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature) =>
        signature.Length == SignedRecord.SignatureLength && crypto.Ed25519Verify(key.ToArray(), SignContent.Encode(label, body), signature);

    public static bool Verifies(ICryptoProvider crypto, Bytes32 key, ReadOnlySpan<byte> label, SignedRecord record) =>
        Verifies(crypto, key, label, record.Body.Span, record.Signature.Span);

    public static Bytes32 PublicKeyOf(SigningKey key) => new(key.PublicKey);
}
