namespace Sotto.Wire.Records;

/// <summary>
/// A record as it is stored and carried: <c>opaque body&lt;V&gt;; opaque signature[64]</c>. The body is the exact bytes that
/// were signed; nobody encodes it again.
/// </summary>
/// <param name="Body">The bytes that were signed.</param>
/// <param name="Signature">Ed25519, 64 bytes.</param>
public sealed record SignedRecord(ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Length of a signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>H of the body: what a successor or a card names.</summary>
    public Bytes32 Hash => Bytes32.HashOf(Body.Span);

    /// <summary>Reads body and signature, and nothing after them.</summary>
    /// <exception cref="RecordException">The bytes are no signed record.</exception>
    public static SignedRecord Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new TlsReader(bytes.Span);
        var body = reader.Vector().Length;
        reader.Bytes(SignatureLength);
        if (!reader.AtEnd || body == 0)
            throw new RecordException("signed record");
        return new(bytes.Slice(bytes.Length - SignatureLength - body, body), bytes[^SignatureLength..]);
    }

    /// <summary>The bytes to store and carry.</summary>
    public byte[] Encode() => new TlsWriter().Vector(Body.Span).Bytes(Signature.Span).ToArray();
}
