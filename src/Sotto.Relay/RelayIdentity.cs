using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Relay;

/// <summary>The relay's signing identity (Ed25519). It owns the seed and disposes it.</summary>
public sealed class RelayIdentity : IDisposable
{
    private readonly ICryptoProvider _crypto;
    private readonly Secret _seed;

    /// <summary>An identity from its seed.</summary>
    /// <param name="crypto">The provider.</param>
    /// <param name="seed">32 bytes; this takes it over.</param>
    public RelayIdentity(ICryptoProvider crypto, Secret seed)
    {
        (_crypto, _seed) = (crypto, seed);
        Span<byte> key = stackalloc byte[Sizes.Ed25519PublicKey];
        crypto.Ed25519PublicKey(seed.Bytes, key);
        Key = new(key);
    }

    /// <summary>The public key.</summary>
    public Bytes32 Key { get; }

    /// <summary>The first 16 bytes of H of the key: what invites carry.</summary>
    public Bytes16 Fingerprint => RelayStatement.FingerprintOf(Key);

    /// <summary>Opens the identity in a folder, or makes one, closed to other users.</summary>
    /// <exception cref="Storage.StorageException">The file is there and is no identity.</exception>
    public static RelayIdentity OpenOrCreate(ICryptoProvider crypto, string folder)
    {
        var path = Path.Combine(folder, "relay.key");
        if (!File.Exists(path))
            Create(crypto, path);
        var bytes = File.ReadAllBytes(path);
        try
        {
            return bytes.Length == Sizes.Ed25519Seed
                ? new(crypto, Secret.CopyOf(bytes))
                : throw new Storage.StorageException(Storage.StorageFailure.Damaged, $"{path} is not a relay's key. It was not changed.");
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Signs bytes that <see cref="SignContent"/> made.</summary>
    /// <returns>64 bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> toSign)
    {
        var signature = new byte[Sizes.Ed25519Signature];
        _crypto.Ed25519Sign(_seed.Bytes, toSign, signature);
        return signature;
    }

    /// <summary>Whether this relay signed the bytes.</summary>
    public bool Verifies(ReadOnlySpan<byte> toSign, ReadOnlySpan<byte> signature) =>
        _crypto.Ed25519Verify(Key.ToArray(), toSign, signature);

    /// <inheritdoc/>
    public void Dispose() => _seed.Dispose();

    private static void Create(ICryptoProvider crypto, string path)
    {
        using var seed = Secret.Create(Sizes.Ed25519Seed, out var bytes);
        crypto.FillRandom(bytes);
        Storage.PrivateFile.Write(path, seed.Bytes);
    }
}
