namespace Sotto.Wire.Http;

/// <summary>The header fields of version 1; values are base64url without padding unless they say otherwise.</summary>
public static class SottoHeaders
{
    /// <summary>The signer's account id.</summary>
    public const string Account = "Sotto-Account";

    /// <summary>The key that signed.</summary>
    public const string Key = "Sotto-Key";

    /// <summary>A nonce: in a request the one it uses, in an answer a fresh one.</summary>
    public const string Nonce = "Sotto-Nonce";

    /// <summary>The signature over the request (docs/protocol/records.md).</summary>
    public const string Signature = "Sotto-Signature";

    /// <summary>A contact token.</summary>
    public const string Token = "Sotto-Token";

    /// <summary>A blob's capability.</summary>
    public const string Capability = "Sotto-Capability";

    /// <summary>Vouchers that pay for a blob, comma-separated.</summary>
    public const string Vouchers = "Sotto-Vouchers";

    /// <summary>The whole length of a blob in decimal.</summary>
    public const string BlobLength = "Sotto-Blob-Length";

    /// <summary>Days that a blob is kept, decimal, 1 to 60.</summary>
    public const string BlobDays = "Sotto-Blob-Days";

    /// <summary>How much of a blob has arrived, decimal.</summary>
    public const string BlobOffset = "Sotto-Blob-Offset";
}
