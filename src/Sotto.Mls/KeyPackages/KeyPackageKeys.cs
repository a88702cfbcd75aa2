using System.Security.Cryptography;
using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.KeyPackages;

/// <summary>
/// An own KeyPackage with the private keys that a Welcome for it is opened with. The owner disposes it; joining does not.
/// A one-time KeyPackage is deleted once its group is stored.
/// </summary>
public sealed class KeyPackageKeys : IDisposable
{
    private const byte Format = 1;

    internal KeyPackageKeys(KeyPackage keyPackage, Secret initKey, Secret encryptionKey)
    {
        KeyPackage = keyPackage;
        InitKey = initKey;
        EncryptionKey = encryptionKey;
    }

    /// <summary>The public part, to be published.</summary>
    public KeyPackage KeyPackage { get; }

    internal Secret InitKey { get; }

    internal Secret EncryptionKey { get; }

    /// <summary>All of it for storage. The bytes are secret: whoever stores them seals them, and wipes the array.</summary>
    public byte[] Encode()
    {
        var writer = new TlsWriter(KeyPackage.Encoded.Length + 256);
        writer.WriteByte(Format);
        KeyPackage.Write(writer);
        writer.WriteVector(InitKey.Bytes);
        writer.WriteVector(EncryptionKey.Bytes);
        var encoded = writer.ToArray();
        writer.Clear();
        return encoded;
    }

    /// <summary>What <see cref="Encode"/> gave.</summary>
    /// <returns>Keys that the caller disposes.</returns>
    /// <exception cref="MlsException">The bytes are not that.</exception>
    public static KeyPackageKeys Decode(ReadOnlySpan<byte> encoded)
    {
        var copy = encoded.ToArray();
        try
        {
            var reader = new TlsReader(copy);
            Check.That(reader.ReadByte() == Format, MlsRule.StoredFormat);
            var keyPackage = KeyPackage.Decode(KeyPackage.Read(ref reader).Encoded.Span);
            var initKey = reader.ReadVector();
            var encryptionKey = reader.ReadVector();
            reader.End();
            return new KeyPackageKeys(keyPackage, Secret.CopyOf(initKey.Span), Secret.CopyOf(encryptionKey.Span));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        InitKey.Dispose();
        EncryptionKey.Dispose();
    }

    internal static KeyPackageKeys Create(SuiteCrypto crypto, MlsClientOptions options, KeyPackageParameters parameters)
    {
        var initKey = crypto.Hpke.GeneratePrivateKey();
        var encryptionKey = crypto.Hpke.GeneratePrivateKey();
        var capabilities = options.SendGrease ? options.Capabilities.WithGrease(crypto.Provider) : options.Capabilities;
        var keyPackageExtensions = parameters.Extensions;
        if (options.SendGrease)
        {
            var grease = GreaseExtension(crypto, parameters.Extensions, capabilities);
            keyPackageExtensions = keyPackageExtensions.With(grease);
            capabilities = WithExtension(capabilities, grease.Type);
        }

        var leaf = LeafNode.Sign(
            new LeafNodeContent(
                crypto.Hpke.PublicKey(encryptionKey.Bytes), parameters.SigningKey.PublicKey.ToArray(), parameters.Credential,
                capabilities, LeafNodeSource.KeyPackage, parameters.Lifetime, default, parameters.LeafExtensions),
            parameters.SigningKey, null, null);
        var content = new KeyPackageContent(
            ProtocolVersion.Mls10, crypto.Suite.Id, crypto.Hpke.PublicKey(initKey.Bytes), leaf, keyPackageExtensions);
        return new KeyPackageKeys(KeyPackage.Sign(content, parameters.SigningKey), initKey, encryptionKey);
    }

    private static Extension GreaseExtension(SuiteCrypto crypto, ExtensionList others, Capabilities capabilities)
    {
        Span<byte> random = stackalloc byte[1];
        crypto.Provider.FillRandom(random);
        var type = capabilities.Extensions.Where(Grease.IsGrease).FirstOrDefault(Grease.Pick(random[0]));
        return others.Find(type) is null ? new Extension(type, crypto.RandomBytes(random[0] % 16)) : others.First(other => other.Type == type);
    }

    private static Capabilities WithExtension(Capabilities capabilities, ushort type) =>
        capabilities.SupportsExtension(type) ? capabilities : capabilities with { Extensions = [.. capabilities.Extensions, type] };
}

/// <summary>What a client puts into a KeyPackage.</summary>
/// <param name="SigningKey">The client's signature key; only read.</param>
/// <param name="Credential">Who the client is.</param>
/// <param name="Lifetime">When it may be used.</param>
public sealed record KeyPackageParameters(SigningKey SigningKey, Credentials.Credential Credential, Lifetime Lifetime)
{
    /// <summary>Extensions of the leaf; of types that the client supports.</summary>
    public ExtensionList LeafExtensions { get; init; } = ExtensionList.Empty;

    /// <summary>Extensions of the KeyPackage; of types that the client supports.</summary>
    public ExtensionList Extensions { get; init; } = ExtensionList.Empty;

    /// <summary>
    /// These parameters for a KeyPackage of last resort, which may be used more than once (draft-ietf-mls-extensions). The
    /// client must support <see cref="ExtensionTypes.AppDataDictionary"/>, which the mark stands in.
    /// </summary>
    public KeyPackageParameters AsLastResort() => this with
    {
        Extensions = Extensions.With(new AppDataDictionary([new(AppDataDictionary.LastResortKeyPackage, default)]).ToExtension()),
    };
}
