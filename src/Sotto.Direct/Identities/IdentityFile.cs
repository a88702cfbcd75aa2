using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Identities;

/// <summary>
/// The identity key on disk, mode 0600: <c>"SOTTO-ID" | format 1 | public key[32] | protection</c>, then the seed[32] when
/// protection is 0, or <c>uint32 passes | uint32 KiB | salt[16] | nonce[24] | sealed seed[48]</c> when it is 1: Argon2id over
/// the passphrase, XChaCha20-Poly1305 with all that stands before the nonce as associated data.
/// </summary>
public sealed class IdentityFile(ICryptoProvider crypto, string path)
{
    private const AeadAlgorithm Cipher = AeadAlgorithm.XChaCha20Poly1305;
    private const int MaxPasses = 32;
    private const int MaxMemoryKiB = 4 * 1024 * 1024;

    /// <summary>Where it lies.</summary>
    public string Path { get; } = path;

    /// <summary>Whether there is one.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>Whether it is under a passphrase.</summary>
    /// <exception cref="DirectException">It cannot be read.</exception>
    public bool IsSealed => Exists && Protection(Read()) == 1;

    /// <summary>Opens the identity, or makes one at first use.</summary>
    /// <param name="name">The name to go by.</param>
    /// <param name="passphrase">Needed when the file is sealed, otherwise unused.</param>
    /// <returns>An identity that the caller disposes.</returns>
    /// <exception cref="DirectException">It cannot be read, or the passphrase is wrong.</exception>
    public Identity OpenOrCreate(string name, Secret? passphrase)
    {
        if (!Exists)
            TryCreate();
        return Identity.FromSeed(crypto, Unseal(Read(), passphrase), name);
    }

    /// <summary>Seals the key under a new passphrase, or takes the passphrase away.</summary>
    /// <param name="current">The passphrase until now, when there is one.</param>
    /// <param name="next">The new one, or null for none.</param>
    /// <param name="cost">What trying one passphrase costs.</param>
    /// <exception cref="DirectException">It cannot be read, or the passphrase is wrong.</exception>
    public void ChangePassphrase(Secret? current, Secret? next, Argon2Cost cost)
    {
        using var seed = Unseal(Read(), current);
        Write(seed, next, cost, replace: true);
    }

    private void TryCreate()
    {
        using var seed = Secret.Create(Sizes.Ed25519Seed, out var bytes);
        crypto.FillRandom(bytes);
        try
        {
            Write(seed, null, default, replace: false);
        }
        catch (IOException) when (Exists)
        {
            // Another process made one at the same moment; that one counts.
        }
    }

    private void Write(Secret seed, Secret? passphrase, Argon2Cost cost, bool replace)
    {
        var file = new byte[256];
        var writer = new WireWriter(file);
        writer.Bytes("SOTTO-ID"u8);
        writer.Byte(1);
        crypto.Ed25519PublicKey(seed.Bytes, writer.Take(Sizes.Ed25519PublicKey));
        writer.Byte(passphrase is null ? (byte)0 : (byte)1);
        if (passphrase is null)
            writer.Bytes(seed.Bytes);
        else
            Seal(ref writer, seed, passphrase, cost);
        ProfileFolder.WriteWhole(Path, writer.Written, Unique(), replace);
        CryptographicOperations.ZeroMemory(file);
    }

    private void Seal(ref WireWriter writer, Secret seed, Secret passphrase, Argon2Cost cost)
    {
        writer.UInt32((uint)cost.Passes);
        writer.UInt32((uint)cost.MemoryKiB);
        var salt = writer.Take(16);
        crypto.FillRandom(salt);
        var header = writer.Written;
        var nonce = writer.Take(Sizes.AeadNonce(Cipher));
        crypto.FillRandom(nonce);
        using var key = PassphraseKey(passphrase, salt, cost);
        crypto.AeadSeal(Cipher, key.Bytes, nonce, header, seed.Bytes, writer.Take(Sizes.Ed25519Seed + Sizes.AeadTag));
    }

    private Secret Unseal(byte[] file, Secret? passphrase)
    {
        var protection = Protection(file);
        var reader = new WireReader(file);
        reader.Bytes(8 + 1 + Sizes.Ed25519PublicKey + 1);
        var seed = protection == 0 ? Secret.CopyOf(reader.Bytes(Sizes.Ed25519Seed)) : UnsealWith(ref reader, file, passphrase);
        var whole = reader.AtEnd && IsSeedOf(seed, file.AsSpan(8 + 1, Sizes.Ed25519PublicKey));
        CryptographicOperations.ZeroMemory(file);
        if (whole)
            return seed;
        seed.Dispose();
        throw Unreadable();
    }

    private bool IsSeedOf(Secret seed, ReadOnlySpan<byte> publicKey)
    {
        if (seed.Length != Sizes.Ed25519Seed)
            return false;
        Span<byte> derived = stackalloc byte[Sizes.Ed25519PublicKey];
        crypto.Ed25519PublicKey(seed.Bytes, derived);
        return derived.SequenceEqual(publicKey);
    }

    private Secret UnsealWith(ref WireReader reader, byte[] file, Secret? passphrase)
    {
        if (passphrase is null)
            throw new DirectException(DirectFailure.IdentityUnusable, "The identity key is under a passphrase.");
        var (passes, memory) = (reader.UInt32(), reader.UInt32());
        var salt = reader.Bytes(16);
        var nonce = reader.Bytes(Sizes.AeadNonce(Cipher));
        var ciphertext = reader.Bytes(Sizes.Ed25519Seed + Sizes.AeadTag);
        if (!reader.AtEnd || passes is 0 or > MaxPasses || memory is < 8 or > MaxMemoryKiB)
            throw Unreadable();
        var header = file.AsSpan(0, 8 + 1 + Sizes.Ed25519PublicKey + 1 + 8 + 16);
        using var key = PassphraseKey(passphrase, salt, new((int)passes, (int)memory));
        var seed = Secret.Create(Sizes.Ed25519Seed, out var bytes);
        if (crypto.TryAeadOpen(Cipher, key.Bytes, nonce, header, ciphertext, bytes))
            return seed;
        seed.Dispose();
        throw new DirectException(DirectFailure.IdentityUnusable, "The passphrase is wrong.");
    }

    private Secret PassphraseKey(Secret passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost)
    {
        var key = Secret.Create(Sizes.AeadKey(Cipher), out var bytes);
        crypto.Argon2id(passphrase.Bytes, salt, cost, bytes);
        return key;
    }

    private byte[] Read()
    {
        try
        {
            var info = new FileInfo(Path);
            return info.Length <= 1024 ? File.ReadAllBytes(Path) : throw Unreadable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectException(DirectFailure.IdentityUnusable, $"The identity file {Path} cannot be read: {e.Message}", e);
        }
    }

    private byte Protection(byte[] file)
    {
        var reader = new WireReader(file);
        var known = reader.Bytes(8).SequenceEqual("SOTTO-ID"u8) && reader.Byte() == 1;
        reader.Bytes(Sizes.Ed25519PublicKey);
        return known && reader.Byte() is var protection and (0 or 1) ? protection : throw Unreadable();
    }

    private DirectException Unreadable() =>
        new(DirectFailure.IdentityUnusable, $"The identity file {Path} is damaged or from a newer version. It was not changed.");

    private string Unique()
    {
        Span<byte> random = stackalloc byte[6];
        crypto.FillRandom(random);
        return Convert.ToHexStringLower(random);
    }
}
