using Sotto.Crypto;

namespace Sotto.Direct.Identities;

/// <summary>A person as the handshake proves it: an Ed25519 public key and the name that its owner gave.</summary>
/// <remarks>The name is the peer's word and is cleaned before it is shown; the key is what counts.</remarks>
public sealed class PublicIdentity : IEquatable<PublicIdentity>
{
    /// <summary>The longest name, in UTF-8 bytes.</summary>
    public const int MaxNameLength = 64;

    private readonly byte[] _key;

    internal PublicIdentity(ReadOnlySpan<byte> key, string name, Fingerprint fingerprint)
    {
        _key = key.ToArray();
        Name = name;
        Fingerprint = fingerprint;
    }

    /// <summary>The Ed25519 public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>The name, never empty.</summary>
    public string Name { get; }

    /// <summary>The fingerprint of the key.</summary>
    public Fingerprint Fingerprint { get; }

    /// <summary>Same key, whatever the name.</summary>
    public bool Equals(PublicIdentity? other) => other is not null && Key.SequenceEqual(other.Key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicIdentity);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Fingerprint})";

    internal static PublicIdentity Create(ICryptoProvider crypto, ReadOnlySpan<byte> key, string name) =>
        new(key, name, Fingerprint.Of(crypto, key));
}
