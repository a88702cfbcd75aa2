namespace Sotto.Crypto;

/// <summary>An RSA private key for OAEP with SHA-256 (RFC 8017 §7.1). The owner disposes it.</summary>
public abstract class RsaPrivateKey : IDisposable
{
    /// <summary>The public half as a DER SubjectPublicKeyInfo (RFC 5280 §4.1).</summary>
    public abstract ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Opens an OAEP ciphertext into a destination of exactly the message's length.</summary>
    /// <returns>False for every ciphertext that does not open or holds another length.</returns>
    public abstract bool TryDecryptOaepSha256(ReadOnlySpan<byte> ciphertext, Span<byte> message);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the key.</summary>
    protected abstract void Dispose(bool disposing);
}
