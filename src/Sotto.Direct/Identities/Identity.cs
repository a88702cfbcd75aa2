using System.Text;
using Sotto.Crypto;

namespace Sotto.Direct.Identities;

/// <summary>A person's own Ed25519 key and name. The owner disposes it.</summary>
public sealed class Identity : IDisposable
{
    private readonly ICryptoProvider _crypto;
    private readonly Secret _seed;

    private Identity(ICryptoProvider crypto, Secret seed, string name)
    {
        (_crypto, _seed) = (crypto, seed);
        Span<byte> key = stackalloc byte[Sizes.Ed25519PublicKey];
        crypto.Ed25519PublicKey(seed.Bytes, key);
        Public = PublicIdentity.Create(crypto, key, name);
    }

    /// <summary>What the other side learns.</summary>
    public PublicIdentity Public { get; }

    internal Secret Seed => _seed;

    /// <summary>An identity from a 32-byte seed, which it takes over and disposes.</summary>
    /// <exception cref="ArgumentException">The name is empty or longer than <see cref="PublicIdentity.MaxNameLength"/> bytes.</exception>
    public static Identity FromSeed(ICryptoProvider crypto, Secret seed, string name)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Encoding.UTF8.GetByteCount(name) > PublicIdentity.MaxNameLength)
            throw new ArgumentException($"A name has at most {PublicIdentity.MaxNameLength} bytes.", nameof(name));
        return new(crypto, seed, name);
    }

    /// <summary>A new identity.</summary>
    public static Identity Generate(ICryptoProvider crypto, string name)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        var seed = Secret.Create(Sizes.Ed25519Seed, out var bytes);
        crypto.FillRandom(bytes);
        return FromSeed(crypto, seed, name);
    }

    internal void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => _crypto.Ed25519Sign(_seed.Bytes, message, signature);

    /// <inheritdoc/>
    public void Dispose() => _seed.Dispose();
}
