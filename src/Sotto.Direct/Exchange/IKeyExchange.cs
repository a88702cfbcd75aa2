using Sotto.Crypto;

namespace Sotto.Direct.Exchange;

/// <summary>How two sides come to a fresh shared secret. The number stands in the signed transcript.</summary>
public enum ExchangeMethod
{
    /// <summary>X-Wing: X25519 and ML-KEM-768 together (draft-connolly-cfrg-xwing-kem).</summary>
    XWing = 1,

    /// <summary>RSA-3072 key transport with OAEP and SHA-256 (RFC 8017 §7.1): what the paper proposes.</summary>
    Rsa = 2,
}

/// <summary>The host's half of key exchanges: it makes offers. The joiner's half is <see cref="ExchangeReply"/>.</summary>
public interface IKeyExchange : IDisposable
{
    /// <summary>The method of every offer.</summary>
    ExchangeMethod Method { get; }

    /// <summary>A new offer, which the caller disposes.</summary>
    ValueTask<IExchangeOffer> OfferAsync(CancellationToken cancellationToken);
}

/// <summary>A public key that waits for one ciphertext.</summary>
public interface IExchangeOffer : IDisposable
{
    /// <summary>The method that the ciphertext must follow.</summary>
    ExchangeMethod Method { get; }

    /// <summary>The public key as sent: an X-Wing encapsulation key, or an RSA SubjectPublicKeyInfo.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Opens the joiner's ciphertext: 32 bytes that the caller disposes.</summary>
    /// <exception cref="DirectException">The ciphertext does not open.</exception>
    Secret Accept(ReadOnlySpan<byte> ciphertext);
}

/// <summary>The joiner's half: a ciphertext for an offer and the 32 bytes that both now share. The owner disposes it.</summary>
public sealed class ExchangeReply : IDisposable
{
    private ExchangeReply(byte[] ciphertext, Secret shared) => (Ciphertext, Shared) = (ciphertext, shared);

    /// <summary>What goes back to the host.</summary>
    public ReadOnlyMemory<byte> Ciphertext { get; }

    /// <summary>The shared secret.</summary>
    public Secret Shared { get; }

    /// <summary>Answers an offer.</summary>
    /// <exception cref="DirectException">The public key is not usable.</exception>
    public static ExchangeReply To(ICryptoProvider crypto, ExchangeMethod method, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        try
        {
            return method switch
            {
                ExchangeMethod.XWing => XWing(crypto, publicKey),
                ExchangeMethod.Rsa => Rsa(crypto, publicKey),
                _ => throw DirectException.Malformed("a key exchange"),
            };
        }
        catch (CryptoException)
        {
            throw DirectException.Malformed("a public key");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Shared.Dispose();

    private static ExchangeReply XWing(ICryptoProvider crypto, ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Sizes.XWingPublicKey)
            throw DirectException.Malformed("a public key");
        var ciphertext = new byte[Sizes.XWingCiphertext];
        var shared = Secret.Create(Sizes.XWingSharedSecret, out var bytes);
        try
        {
            crypto.XWingEncapsulate(publicKey, ciphertext, bytes);
            return new(ciphertext, shared);
        }
        catch
        {
            shared.Dispose();
            throw;
        }
    }

    private static ExchangeReply Rsa(ICryptoProvider crypto, ReadOnlySpan<byte> publicKey)
    {
        var shared = Secret.Create(32, out var bytes);
        try
        {
            crypto.FillRandom(bytes);
            return new(crypto.RsaEncryptOaepSha256(publicKey, bytes), shared);
        }
        catch
        {
            shared.Dispose();
            throw;
        }
    }
}
