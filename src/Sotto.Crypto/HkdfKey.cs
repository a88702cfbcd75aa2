namespace Sotto.Crypto;

/// <summary>A pseudorandom key of HKDF that is made ready for several expansions (RFC 5869 §2.3). The owner disposes it; one thread at a time uses it.</summary>
public abstract class HkdfKey : IDisposable
{
    /// <summary>Expands to the length of the destination, at most 255 digests.</summary>
    public abstract void Expand(ReadOnlySpan<byte> info, Span<byte> output);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Wipes the key.</summary>
    protected abstract void Dispose(bool disposing);
}
