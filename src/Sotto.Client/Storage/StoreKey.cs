using Sotto.Crypto;
using Sotto.Wire.Records;

namespace Sotto.Client.Storage;

/// <summary>What opens a store's header: a passphrase, or a key that lies in a file of the profile. Disposed by whoever made it.</summary>
public sealed class StoreKey : IDisposable
{
    private readonly Secret _secret;
    private readonly Argon2Cost? _cost;

    private StoreKey(Secret secret, Argon2Cost? cost) => (_secret, _cost) = (secret, cost);

    /// <summary>Whether it comes from a passphrase.</summary>
    public bool IsPassphrase => _cost is not null;

    /// <summary>A passphrase; the bytes are copied.</summary>
    /// <param name="passphrase">In UTF-8.</param>
    /// <param name="cost">What trying one costs, for a new store; an old one says it itself.</param>
    public static StoreKey FromPassphrase(ReadOnlySpan<byte> passphrase, Argon2Cost cost) => new(Secret.CopyOf(passphrase), cost);

    /// <summary>The 32 bytes of a key file; copied.</summary>
    public static StoreKey FromFile(ReadOnlySpan<byte> key) =>
        key.Length == StoreHeader.KeyLength ? new(Secret.CopyOf(key), null) : throw new ClientException(ClientFailure.StoreUnusable, "The key file of the store is damaged.");

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    internal Argon2Cost Cost => _cost ?? default;

    internal Secret Derive(ICryptoProvider crypto, ReadOnlySpan<byte> salt, Argon2Cost cost)
    {
        if (!IsPassphrase)
            return Secret.CopyOf(_secret.Bytes);
        var key = Secret.Create(StoreHeader.KeyLength, out var bytes);
        crypto.Argon2id(_secret.Bytes, salt, cost, bytes);
        return key;
    }
}

/// <summary>
/// A store's header: <c>"SOTTO-ST" | format 1 | protection (0 key file, 1 passphrase) | uint32 passes | uint32 KiB | salt[16]</c>,
/// then the root key[32] and store id[16] by XChaCha20-Poly1305 with all before as associated data.
/// </summary>
internal static class StoreHeader
{
    public const int KeyLength = 32;
    private const int SaltLength = 16;
    private const int IdLength = 16;
    private const int OpenLength = 8 + 1 + 1 + 8 + SaltLength;
    private const int MaxPasses = 32;
    private const int MaxMemoryKiB = 4 * 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "SOTTO-ST"u8;

    /// <summary>Whether a header needs a passphrase.</summary>
    /// <exception cref="ClientException">The bytes are no header of a version that is known.</exception>
    public static bool NeedsPassphrase(ReadOnlySpan<byte> header) => Read(header).Protection == 1;

    public static (byte[] Header, Secret Root) Make(ICryptoProvider crypto, StoreKey key)
    {
        var salt = Fresh.Bytes(crypto, SaltLength);
        var open = new TlsWriter().Bytes(Magic).Byte(1).Byte(key.IsPassphrase ? (byte)1 : (byte)0)
            .Number32((uint)key.Cost.Passes).Number32((uint)key.Cost.MemoryKiB).Bytes(salt).ToArray();
        var root = Secret.CopyOf(Fresh.Bytes(crypto, KeyLength));
        using var opener = key.Derive(crypto, salt, key.Cost);
        byte[] content = [.. root.Bytes, .. Fresh.Bytes(crypto, IdLength)];
        var header = (byte[])[.. open, .. SealedBytes.Seal(crypto, opener.Bytes, open, content)];
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(content);
        return (header, root);
    }

    public static Secret Open(ICryptoProvider crypto, ReadOnlySpan<byte> header, StoreKey key)
    {
        var (protection, cost, salt) = Read(header);
        if (key.IsPassphrase != (protection == 1))
            throw Unusable(protection == 1 ? "The profile is under a passphrase." : "The profile is not under a passphrase.");
        using var opener = key.Derive(crypto, salt, cost);
        var content = SealedBytes.Open(crypto, opener.Bytes, header[..OpenLength], header[OpenLength..])
            ?? throw Unusable(protection == 1 ? "The passphrase is wrong." : "The key file does not belong to this profile.");
        var root = Secret.CopyOf(content.AsSpan(0, KeyLength));
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(content);
        return root;
    }

    private static (byte Protection, Argon2Cost Cost, byte[] Salt) Read(ReadOnlySpan<byte> header)
    {
        var reader = new TlsReader(header);
        var known = reader.Bytes(Magic.Length).SequenceEqual(Magic);
        var format = reader.Byte();
        if (known && format > 1)
            throw new ClientException(ClientFailure.StoreTooNew, "The profile was written by a newer version. It was not changed.");
        var protection = reader.Byte();
        var (passes, memory) = (reader.Number32(), reader.Number32());
        var salt = reader.Bytes(SaltLength).ToArray();
        var isWhole = known && format == 1 && protection <= 1 && reader.HasMore && header.Length == OpenLength + SealedBytes.Overhead + KeyLength + IdLength
            && (protection == 0 || passes is > 0 and <= MaxPasses && memory is >= 8 and <= MaxMemoryKiB);
        return isWhole ? (protection, new((int)passes, (int)memory), salt) : throw Unusable("The profile's store is damaged.");
    }

    private static ClientException Unusable(string text) => new(ClientFailure.StoreUnusable, text);
}
