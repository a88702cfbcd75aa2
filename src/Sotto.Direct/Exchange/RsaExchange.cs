using Sotto.Crypto;

namespace Sotto.Direct.Exchange;

/// <summary>
/// RSA-3072 key transport, as the paper proposes, made forward secret: keys are ephemeral, made in the background, and
/// replaced each hour. A key is destroyed when it is out of date and no offer holds it any more.
/// </summary>
public sealed class RsaExchange : IKeyExchange
{
    /// <summary>Modulus length.</summary>
    public const int Bits = 3072;

    /// <summary>How long one key makes offers.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(1);

    private readonly ICryptoProvider _crypto;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _renewal;
    private Task<SharedKey> _current;
    private bool _disposed;

    /// <summary>Starts making the first key at once, on a thread of the pool.</summary>
    public RsaExchange(ICryptoProvider crypto, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_crypto, _time) = (crypto, time);
        _current = MakeKey();
        _renewal = _time.CreateTimer(_ => Renew(), null, KeyLifetime, KeyLifetime);
    }

    /// <inheritdoc/>
    public ExchangeMethod Method => ExchangeMethod.Rsa;

    /// <inheritdoc/>
    public async ValueTask<IExchangeOffer> OfferAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<SharedKey> current;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                current = _current;
            }

            var key = await current.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (key.TryHold())
                return new Offer(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _renewal.Dispose();
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            ReleaseWhenMade(_current);
        }
    }

    private Task<SharedKey> MakeKey() => Task.Run(() => new SharedKey(_crypto.RsaGenerate(Bits)));

    private void Renew() => _ = RenewAsync();

    private async Task RenewAsync()
    {
        var next = MakeKey();
        await next.ConfigureAwait(false);
        lock (_gate)
        {
            ReleaseWhenMade(_disposed ? next : _current);
            if (!_disposed)
                _current = next;
        }
    }

    private static void ReleaseWhenMade(Task<SharedKey> key) =>
        key.ContinueWith(made => made.Result.Release(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <summary>A key with a count of its holders: the exchange itself and each open offer.</summary>
    private sealed class SharedKey(RsaPrivateKey key)
    {
        private int _holders = 1;

        public RsaPrivateKey Key { get; } = key;

        public bool TryHold()
        {
            var seen = Volatile.Read(ref _holders);
            while (seen > 0)
            {
                var found = Interlocked.CompareExchange(ref _holders, seen + 1, seen);
                if (found == seen)
                    return true;
                seen = found;
            }

            return false;
        }

        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                Key.Dispose();
        }
    }

    private sealed class Offer(SharedKey shared) : IExchangeOffer
    {
        private int _disposed;

        public ExchangeMethod Method => ExchangeMethod.Rsa;

        public ReadOnlyMemory<byte> PublicKey => shared.Key.SubjectPublicKeyInfo;

        public Secret Accept(ReadOnlySpan<byte> ciphertext)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var secret = Secret.Create(32, out var bytes);
            if (shared.Key.TryDecryptOaepSha256(ciphertext, bytes))
                return secret;
            secret.Dispose();
            throw DirectException.Malformed("a ciphertext");
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                shared.Release();
        }
    }
}
