using Sotto.Crypto;

namespace Sotto.Direct.Exchange;

/// <summary>X-Wing with a key pair of its own for every offer.</summary>
public sealed class XWingExchange(ICryptoProvider crypto) : IKeyExchange
{
    /// <inheritdoc/>
    public ExchangeMethod Method => ExchangeMethod.XWing;

    /// <inheritdoc/>
    public ValueTask<IExchangeOffer> OfferAsync(CancellationToken cancellationToken) => new(new Offer(crypto));

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Offer : IExchangeOffer
    {
        private readonly ICryptoProvider _crypto;
        private readonly Secret _privateKey;
        private readonly byte[] _publicKey = new byte[Sizes.XWingPublicKey];

        public Offer(ICryptoProvider crypto)
        {
            _crypto = crypto;
            _privateKey = Secret.Create(Sizes.XWingPrivateKey, out var bytes);
            crypto.FillRandom(bytes);
            crypto.XWingPublicKey(bytes, _publicKey);
        }

        public ExchangeMethod Method => ExchangeMethod.XWing;

        public ReadOnlyMemory<byte> PublicKey => _publicKey;

        public Secret Accept(ReadOnlySpan<byte> ciphertext)
        {
            if (ciphertext.Length != Sizes.XWingCiphertext)
                throw DirectException.Malformed("a ciphertext");
            var shared = Secret.Create(Sizes.XWingSharedSecret, out var bytes);
            try
            {
                _crypto.XWingDecapsulate(_privateKey.Bytes, ciphertext, bytes);
                return shared;
            }
            catch (CryptoException)
            {
                shared.Dispose();
                throw DirectException.Malformed("a ciphertext");
            }
        }

        public void Dispose() => _privateKey.Dispose();
    }
}
