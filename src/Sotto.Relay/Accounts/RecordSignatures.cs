using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>Checks signatures of records.</summary>
internal static class RecordSignatures
{
    /// <summary>Refuses a record that the key did not sign.</summary>
    /// <exception cref="RelayException">It did not.</exception>
    public static void Require(ICryptoProvider crypto, Bytes32 key, ReadOnlySpan<byte> label, SignedRecord record) =>
        Require(crypto, key, label, record.Body, record.Signature);

    /// <summary>Refuses a body that the key did not sign.</summary>
    /// <exception cref="RelayException">It did not.</exception>
    public static void Require(ICryptoProvider crypto, Bytes32 key, ReadOnlySpan<byte> label, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> signature)
    {
        if (!crypto.Ed25519Verify(key.ToArray(), SignContent.Encode(label, body.Span), signature.Span))
            throw new RelayException(RelayProblem.Refused, "A signature does not verify.");
    }
}
